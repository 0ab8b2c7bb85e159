import type { Given } from './collect-texts.ts';
import type { Rows } from './setting.ts';

/** What sources say for a sync, and how its rows stand to each other. */
export interface Saying {
  /** By row, the strongest source first. */
  readonly said: ReadonlyMap<string, readonly [Given, ...Given[]]>;
  readonly rows: Rows;
}

/**
 * What counts of what is said of a row by sources of `strength` and weaker ones: a stronger source that says an alternative switches
 * it off. Within one source both count, for whoever uses the values to refuse.
 */
export function counting(row: string, { said, rows }: Saying, strength = 0): readonly Given[] {
  const heard = (name: string): Given[] => (said.get(name) ?? []).filter((given) => given.strength >= strength);
  const { alternatives } = rows[row] ?? {};
  if (!alternatives) return heard(row);
  const strongest = Math.min(...alternatives.map((name) => heard(name)[0]?.strength ?? Infinity));
  return heard(row).filter((given) => given.strength <= strongest);
}

/** The alternatives to a row that would count if the strongest source didn't say that row. */
export function switchedOff(row: string, saying: Saying): string[] {
  const { said, rows } = saying;
  return (rows[row]?.alternatives ?? []).filter(
    (name) => said.get(name)?.[0].strength !== 0 && counting(name, saying, 1).length > 0,
  );
}
