import { parseArgs } from 'node:util';

/** What `npm run fuzz` is asked for. */
export interface FuzzArguments {
  /** Cases of all targets together. */
  readonly runs: number;
  /** The same seed gives the same cases; undefined: one of its own. */
  readonly seed: number | undefined;
  /** One target; undefined: all. */
  readonly target: string | undefined;
  /** One case of the target, as a run that failed tells it. */
  readonly path: string | undefined;
}

const defaultRuns = 100_000;

/** Reads the command line; `problem` says what is not accepted, and the usage. */
export function readArguments(
  args: readonly string[],
  targets: readonly string[],
): FuzzArguments | { problem: string } {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { runs: text, seed: text, target: text, path: text } });
    checkChoice(values, targets);
    const { runs, seed, target, path } = values;
    return {
      runs: runs === undefined ? defaultRuns : number('--runs', runs, { min: 1 }),
      seed: seed === undefined ? undefined : number('--seed', seed, { min: 0 }),
      target,
      path,
    };
  } catch (error) {
    return { problem: `${(error as Error).message}\n\n${usage(targets)}` };
  }
}

type Values = { readonly [name in keyof FuzzArguments]?: string | undefined };

function checkChoice({ target, seed, path }: Values, targets: readonly string[]): void {
  if (target !== undefined && !targets.includes(target))
    throw new Error(`there is no target ${JSON.stringify(target)}`);
  if (path === undefined) return;
  if (target === undefined || seed === undefined) throw new Error('--path goes with --target and --seed');
  if (!/^\d+(:\d+)*$/.test(path)) throw new Error(`--path needs numbers as 27:0:1, not ${JSON.stringify(path)}`);
}

// fast-check's seeds are 32-bit integers.
const most = 2 ** 31 - 1;

function number(flag: string, given: string, { min }: { min: number }): number {
  const value = Number(given);
  if (/^\d{1,10}$/.test(given) && value >= min && value <= most) return value;
  throw new Error(`${flag} needs a number from ${min} to ${most}, not ${JSON.stringify(given)}`);
}

function usage(targets: readonly string[]): string {
  return `usage: npm run fuzz -- [--runs N] [--seed N] [--target NAME [--path PATH]]
  --runs N       cases of all targets together; ${defaultRuns} unless given
  --seed N       the cases of an earlier run again
  --target NAME  ${targets.join(', ')}
  --path PATH    the one case that a run which failed has told`;
}
