import { constants } from 'node:os';
import { join } from 'node:path';
import { runStages } from './run-stages.ts';
import type { Step } from './steps.ts';
import { closingLine, type Outcome, succeeded, sum } from './tally.ts';

/**
 * Runs stages of steps in this repository. The last line printed is the closing line, also after Ctrl-C or an error in
 * here; returns the exit code.
 */
export async function runTests(stages: readonly (readonly Step[])[]): Promise<number> {
  const interruption = new AbortController();
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort(name));
  const outcomes: Outcome[] = [];
  try {
    await runStages(stages, outcomes, {
      root: join(import.meta.dirname, '..'),
      env: process.env,
      signal: interruption.signal,
      print: (text) => console.log(text),
      now: () => performance.now(),
    });
  } catch (error) {
    console.log(error);
    outcomes.push({ name: 'the test runner itself', result: 'failed' });
  }
  return conclude(outcomes, interruption.signal);
}

function conclude(outcomes: readonly Outcome[], signal: AbortSignal): number {
  list('Skipped', outcomes, 'skipped');
  list('Failed', outcomes, 'failed');
  if (signal.aborted) console.log(`\nInterrupted (${signal.reason}); counted is what had ended before.`);
  const tally = sum(outcomes);
  console.log(`\n${closingLine(tally)}`);
  // Shells report the death by a signal as 128 and its number.
  if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals];
  return succeeded(tally) ? 0 : 1;
}

function list(title: string, outcomes: readonly Outcome[], result: Outcome['result']): void {
  const names = outcomes.filter((outcome) => outcome.result === result).map(({ name }) => `  ${name}`);
  if (names.length > 0) console.log(`\n${title}:\n${names.join('\n')}`);
}
