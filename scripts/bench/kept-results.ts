import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.ts';
import type { Metric, SuiteResult } from './metric.ts';
import { report } from './table.ts';
import type { Reference } from './with-references.ts';

const folder = 'docs/bench';

/** The metrics of a suite, and those among them that its chart shows. */
export interface Shown {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly charted: readonly Metric['id'][];
  /** What stands beside ours where no peer takes part. */
  readonly references: readonly Reference[];
}

/** Keeps a result for the documents: the figures, from which all else is made, and the chart. */
export function keepResult(result: SuiteResult, suite: Shown, root: string): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, jsonPath(suite)), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(root, chartPath(suite)), chartOf(suite, root));
}

/** `docs/bench/NAME.json`. */
export function jsonPath({ name }: Pick<Shown, 'name'>): string {
  return `${folder}/${name}.json`;
}

/** `docs/bench/NAME.svg`. */
export function chartPath({ name }: Pick<Shown, 'name'>): string {
  return `${folder}/${name}.svg`;
}

/** The chart of the figures that were kept last. */
export function chartOf(suite: Shown, root: string): string {
  const shown = suite.charted.flatMap((id) => suite.metrics.find((metric) => metric.id === id) ?? []);
  return chart(readResult(suite, root), { ...suite, metrics: shown });
}

/** A document with the table of the figures that were kept last between its two marks; throws when it has no such marks. */
export function withReport(document: string, suite: Shown, root: string): string {
  const [begin, end] = [
    `<!-- bench ${suite.name}: made by \`npm run bench\` -->`,
    `<!-- end of bench ${suite.name} -->`,
  ];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`a document that has ${begin} and then ${end} is needed`);
  const table = report(readResult(suite, root), suite);
  return `${document.slice(0, from + begin.length)}\n\n${table}\n${document.slice(to)}`;
}

function readResult(suite: Shown, root: string): SuiteResult {
  return JSON.parse(readFileSync(join(root, jsonPath(suite)), 'utf8')) as SuiteResult;
}
