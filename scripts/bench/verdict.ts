import { type Budget, type Metric, type Subject, type SuiteResult } from './metric.ts';
import { median } from './statistics.ts';

/** What became of a metric's budgets; `unknown` where the other column of a relative one has no figure. */
export interface Verdict {
  readonly outcome: 'kept' | 'missed' | 'unknown' | 'none';
  /** Whether a figure of another run, on another machine perhaps, had a part in it. */
  readonly indicative: boolean;
}

/** Judges our figure by the metric's budgets. Of several peers the first one counts. */
export function judge(metric: Metric, result: SuiteResult): Verdict {
  if (metric.budgets.length === 0) return { outcome: 'none', indicative: false };
  const ours = figureOf(metric, columnOf('ours', result), result);
  const limits = metric.budgets.map((budget) => limitOf(budget, metric, result));
  const indicative = limits.some((limit) => limit?.indicative === true);
  if (ours === undefined) return { outcome: 'unknown', indicative };
  if (limits.some((limit) => limit && !limit.allows(ours))) return { outcome: 'missed', indicative };
  return { outcome: limits.includes(undefined) ? 'unknown' : 'kept', indicative };
}

/** The median of a column's rounds; undefined where it was not measured. */
export function figureOf(
  metric: Pick<Metric, 'id'>,
  subject: Subject | undefined,
  { figures }: Pick<SuiteResult, 'figures'>,
): number | undefined {
  const values = subject && figures[metric.id]?.[subject.name];
  return values && values.length > 0 ? median(values) : undefined;
}

function limitOf(
  budget: Budget,
  metric: Metric,
  result: SuiteResult,
): { allows: (value: number) => boolean; indicative: boolean } | undefined {
  const subject = budget.times && columnOf(budget.times, result);
  const unit = budget.times === undefined ? 1 : figureOf(metric, subject, result);
  if (unit === undefined) return undefined;
  const allows = (value: number): boolean =>
    'atMost' in budget ? value <= unit * budget.atMost : value >= unit * budget.atLeast;
  return { allows, indicative: subject?.role === 'reference' };
}

function columnOf(role: 'ours' | 'bound' | 'peer', { subjects }: SuiteResult): Subject | undefined {
  const found = subjects.find((subject) => subject.role === role);
  return found ?? (role === 'peer' ? subjects.find((subject) => subject.role === 'reference') : undefined);
}
