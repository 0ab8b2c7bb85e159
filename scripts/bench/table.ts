import { budgetText, figureText, rangeText } from './figure-text.ts';
import type { Shown } from './kept-results.ts';
import type { Metric, SuiteResult } from './metric.ts';
import { judge, type Verdict } from './verdict.ts';
import { withReferences } from './with-references.ts';

/** What a suite saw, in Markdown: how it was measured, the table, and what was tried where a budget is missed. */
export function report(measured: SuiteResult, { metrics, references }: Pick<Shown, 'metrics' | 'references'>): string {
  const result = withReferences(measured, references);
  const present = metrics.filter(({ id }) => id in result.figures);
  const parts = [conditions(result), table(result, present), remarks(result, present)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function conditions({ takenOn, rounds, cores, node, kubernetes, runtime }: SuiteResult): string {
  const flags = runtime === '' ? '' : ` (ours with \`${runtime}\`)`;
  const each = rounds === 1 ? 'one round' : `the median of ${rounds} rounds`;
  const cluster = kubernetes === '' ? '' : `, Kubernetes ${kubernetes}`;
  return `Measured on ${takenOn}, ${cores} cores, Node ${node}${flags}${cluster}: ${each}.`;
}

function table(result: SuiteResult, metrics: readonly Metric[]): string {
  const head = ['', ...result.subjects.map(({ name }) => name), 'budget', ''];
  const lines = metrics.map((metric) => {
    return [metric.title, ...cellsOf(metric, result), ...judgement(metric, result)];
  });
  return aligned(head, lines);
}

function cellsOf(metric: Metric, { subjects, figures }: SuiteResult): string[] {
  return subjects.map(({ name, role }) => {
    const values = figures[metric.id]?.[name];
    return role === 'reference' ? rangeText(metric, values) : figureText(metric, values);
  });
}

function judgement(metric: Metric, result: SuiteResult): [string, string] {
  const { outcome, indicative } = judge(metric, result);
  const words: Record<Verdict['outcome'], string> = { kept: 'kept', missed: '**missed**', unknown: 'open', none: '' };
  const budgets = metric.budgets.map((budget) => budgetText(budget, metric, result.subjects)).join(', ');
  return [budgets, `${words[outcome]}${indicative && outcome !== 'unknown' ? ' (indicative)' : ''}`];
}

/** As Prettier sets a table. */
function aligned(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...lines].map((line) => line[column]?.length ?? 0)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [row(head), row(rule), ...lines.map(row)].join('\n');
}

function remarks(result: SuiteResult, metrics: readonly Metric[]): string {
  const missed = metrics.filter((metric) => judge(metric, result).outcome === 'missed' && metric.tried !== undefined);
  return missed.map(({ title, tried }) => `- ${title}: missed. Tried: ${tried}`).join('\n');
}
