import type { Budget, Metric, Subject, Unit } from './metric.ts';
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

/** `≤ 62 MiB`, `≤ 1/3 of the peer's`, `≤ 1.3 × the plain loop's`, `≥ 55 % of the bare responder's`. */
export function budgetText(budget: Budget, { unit }: Pick<Metric, 'unit'>, subjects: readonly Subject[]): string {
  const [sign, limit] = 'atMost' in budget ? ['≤', budget.atMost] : ['≥', budget.atLeast];
  if (budget.times === undefined) return `${sign} ${withUnit(limit, unit)}`;
  const bound = subjects.find(({ role }) => role === 'bound');
  const whose = budget.times === 'bound' && bound ? `the ${bound.name}'s` : `the ${budget.times}'s`;
  return `${sign} ${multiple(limit)}${whose}`;
}

function multiple(times: number): string {
  if (times === 1) return '';
  if (times > 1) return `${times} × `;
  const parts = 1 / times;
  // Of a third no decimal number is exact.
  return Math.abs(parts - Math.round(parts)) < 1e-9 ? `1/${Math.round(parts)} of ` : `${digits(times * 100)} % of `;
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
