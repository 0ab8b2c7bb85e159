import type { Budget, Metric, Unit } from './metric.ts';
import { median } from './statistics.ts';

/** A column's figure for a person: the median of its rounds, three digits of it. */
export function figureText({ unit, cap }: Metric, values: readonly number[] | undefined): string {
  if (values === undefined || values.length === 0) return '–';
  const value = median(values);
  return cap !== undefined && value >= cap ? `> ${withUnit(cap, unit)}` : withUnit(value, unit);
}

/** The lowest and the highest of a column's rounds. */
export function rangeText(metric: Metric, values: readonly number[] | undefined): string {
  if (values === undefined || values.length < 2) return figureText(metric, values);
  return `${digits(Math.min(...values))}-${withUnit(Math.max(...values), metric.unit)}`;
}

/** `≤ 62 MiB`, `≤ 1/3 of the peer's`, `≤ 1.3 × the plain loop's`. */
export function budgetText(budget: Budget, { unit }: Pick<Metric, 'unit'>): string {
  if (!('times' in budget)) return `≤ ${withUnit(budget.atMost, unit)}`;
  const whose = budget.times === 'loop' ? "the plain loop's" : "the peer's";
  if (budget.atMost === 1) return `≤ ${whose}`;
  return budget.atMost < 1 ? `≤ 1/${Math.round(1 / budget.atMost)} of ${whose}` : `≤ ${budget.atMost} × ${whose}`;
}

function withUnit(value: number, unit: Unit): string {
  if (unit === 'count') return digits(value);
  // Half a minute reads better than thirty thousand milliseconds, and a thousand bytes better than a thousandth of a megabyte.
  if (unit === 'ms' && value >= 10_000) return `${digits(value / 1000)} s`;
  return unit === 'MB' && value < 0.1 ? `${digits(value * 1000)} kB` : `${digits(value)} ${unit}`;
}

function digits(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 4 });
}
