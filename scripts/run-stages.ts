import { runStep, type StepContext } from './run-step.ts';
import type { Step } from './steps.ts';
import type { Outcome } from './tally.ts';

export interface StageContext extends Omit<StepContext, 'record'> {
  /** Gets whole lines. */
  readonly print: (text: string) => void;
  /** Milliseconds of any clock. */
  readonly now: () => number;
}

/**
 * Runs stages one after the other, until a required step has failed, and the steps of a stage two at a time; prints a
 * line for each step, and all that a failed one said. Adds to `outcomes` as they come, so that these are complete as far
 * as an interrupted run went.
 */
export async function runStages(
  stages: readonly (readonly Step[])[],
  outcomes: Outcome[],
  context: StageContext,
): Promise<void> {
  for (const [index, stage] of stages.entries()) {
    const failed: Step[] = [];
    const queue = stage.values();
    const worker = async () => {
      for (const step of queue) {
        if (!context.signal.aborted && !(await reportStep(step, outcomes, context))) failed.push(step);
      }
    };
    // Two: the slowest parts are single processes, and two cores are what small CI machines have.
    await Promise.all([worker(), worker()]);
    const missing = failed.find(({ required }) => required);
    if (missing) return tellNotRun(stages.slice(index + 1).flat(), missing, context);
  }
}

/** Answers whether it succeeded. */
async function reportStep(step: Step, outcomes: Outcome[], context: StageContext): Promise<boolean> {
  if (step.live) context.print(`\n${step.name}:`);
  const started = context.now();
  const { failure, output } = await runStep(step, { ...context, record: (more) => outcomes.push(...more) });
  if (context.signal.aborted) return false;
  const took = `${step.name} (${((context.now() - started) / 1000).toFixed(1)} s)`;
  context.print(failure === undefined ? `ok     ${took}` : `FAILED ${took}: ${failure}`);
  if (failure !== undefined && output !== '') context.print(`${output.trimEnd()}\n`);
  return failure === undefined;
}

function tellNotRun(steps: readonly Step[], missing: Step, { print, signal }: StageContext): void {
  if (signal.aborted) return;
  for (const { name } of steps) print(`not run: ${name}, which needs: ${missing.name}`);
}
