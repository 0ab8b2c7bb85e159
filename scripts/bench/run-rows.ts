import type { OnProgress } from '../../test/control-plane/progress.ts';
import type { Subject, SuiteResult } from './metric.ts';
import type { Figures, Row } from './row.ts';

/** What any suite's rows share. */
export interface AnyStage {
  /** An abort ends the run with its reason. */
  readonly signal: AbortSignal;
}

export interface RunOptions<Contender extends Subject, Stage extends AnyStage> {
  readonly rows: readonly Row<Contender, Stage>[];
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly stage: Stage;
  readonly onProgress: OnProgress;
  readonly onFailure: OnFailure;
}

/** Told of a measurement that could not be made; the others go on. */
export type OnFailure = (what: string, error: unknown) => void;

type Collected = SuiteResult['figures'];

/** Runs all rows, in each of them round by round and in each round every contender, so that a slow minute meets all of them. */
export async function runRows<Contender extends Subject, Stage extends AnyStage>(
  options: RunOptions<Contender, Stage>,
): Promise<Collected> {
  const figures: Record<string, Record<string, number[]>> = {};
  for (const row of options.rows) {
    const measurements = schedule(row, options);
    const record = async (measurement: Measurement<Contender, Stage>): Promise<void> => {
      const seen = await attempt(measurement, options);
      for (const [key, value] of Object.entries(seen)) {
        const column = (figures[`${row.name}.${key}`] ??= {});
        (column[measurement.contender.name] ??= []).push(value);
      }
    };
    if (row.together) await Promise.all(measurements.map(record));
    else for (const measurement of measurements) await record(measurement);
  }
  return figures;
}

interface Measurement<Contender extends Subject, Stage> {
  readonly row: Row<Contender, Stage>;
  readonly round: number;
  readonly contender: Contender;
}

/** Who begins changes from round to round. */
function schedule<Contender extends Subject, Stage extends AnyStage>(
  row: Row<Contender, Stage>,
  { contenders, rounds }: RunOptions<Contender, Stage>,
): Measurement<Contender, Stage>[] {
  const taking = contenders.filter(({ role }) => row.roles.includes(role));
  return Array.from({ length: rounds }, (_, round) =>
    taking.map((_, index) => taking[(index + round) % taking.length]).filter((contender) => contender !== undefined),
  ).flatMap((order, round) => order.map((contender) => ({ row, round, contender })));
}

async function attempt<Contender extends Subject, Stage extends AnyStage>(
  { row, round, contender }: Measurement<Contender, Stage>,
  { stage, onProgress, rounds, onFailure }: RunOptions<Contender, Stage>,
): Promise<Figures> {
  const what = `${row.name}, round ${round + 1} of ${rounds}, ${contender.name}`;
  stage.signal.throwIfAborted();
  onProgress({ step: what });
  try {
    return await row.measure(contender, stage);
  } catch (error) {
    stage.signal.throwIfAborted();
    onFailure(what, error);
    return {};
  }
}
