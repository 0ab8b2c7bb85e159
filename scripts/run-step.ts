import { delimiter, join } from 'node:path';
import { type ProgramEnd, runProgram } from './run-program.ts';
import type { Step } from './steps.ts';
import type { Outcome } from './tally.ts';

export interface StepContext {
  /** The repository's root. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Receives outcomes as soon as they are known. */
  readonly record: (outcomes: readonly Outcome[]) => void;
}

/**
 * Runs one step and records its outcomes. A program counts as one test. Jest that fails without a failed test (a broken
 * configuration, a global setup that throws, no tests found) is one failed test; what was interrupted counts as far as
 * it came.
 */
export async function runStep(step: Step, context: StepContext): Promise<ProgramEnd> {
  const jest = 'jest' in step;
  let testFailed = false;
  const end = await runProgram(jest ? jestCommand(step.jest, context.root) : step.command, {
    cwd: context.root,
    env: { ...context.env, PATH: [join(context.root, 'node_modules/.bin'), context.env['PATH']].join(delimiter) },
    live: step.live ?? false,
    signal: context.signal,
    ...(jest && { onMessage: receive }),
  });
  if (context.signal.aborted) return end;
  if (end.failure === undefined && !jest) context.record([{ name: step.name, result: 'passed' }]);
  if (end.failure !== undefined && !testFailed) {
    context.record([{ name: `${step.name} (${end.failure})`, result: 'failed' }]);
  }
  return end;

  function receive(message: unknown): void {
    const outcomes = message as Outcome[]; // from jest-reporter.ts, which is ours
    testFailed ||= outcomes.some(({ result }) => result === 'failed');
    context.record(outcomes);
  }
}

/**
 * As arguments of Node, not in NODE_OPTIONS: Jest hands them on to its workers, while programs that tests start don't
 * get them.
 */
function jestCommand(args: readonly string[], root: string): readonly string[] {
  const node = ['node', '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts/jest-reporter.ts')}`];
  return [...node, join(root, 'node_modules/jest/bin/jest.js'), ...reporters, ...args];
}
