import { stringify } from 'yaml';
import { markdownTable } from '../markdown-table.ts';
import { readValues, type ChartValue } from './values-file.ts';

const begin = '<!-- values: made from values.yaml by `npm run generate` -->';
const end = '<!-- end of values -->';

/** The chart's README with a table of the values in each group between its two marks; throws when it has no such marks. */
export function withValuesTables(page: string, valuesFile: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the chart's README must have ${begin} and then ${end}`);
  const groups = readValues(valuesFile).map(({ title, values }) => `### ${title}\n\n${table(values)}`);
  return `${page.slice(0, from + begin.length)}\n\n${groups.join('\n\n')}\n\n${page.slice(to)}`;
}

function table(values: readonly ChartValue[]): string {
  return markdownTable(['Value', 'Default', 'Meaning'], values.flatMap(rows));
}

function rows(value: ChartValue): string[][] {
  const { name, meaning, values } = value;
  if (values === null) return [[`\`${name}\``, defaultOf(value), meaning]];
  const own = meaning === '' ? [] : [[`\`${name}\``, '', meaning]];
  return [...own, ...values.flatMap(rows)];
}

/** A wider one would leave its neighbours no room. */
const widest = 100;

function defaultOf({ default: value }: ChartValue): string {
  const flow = stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    flowCollectionPadding: false,
    singleQuote: true,
  });
  return flow.trim().length > widest ? 'see values.yaml' : `\`${flow.trim()}\``;
}
