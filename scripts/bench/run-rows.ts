import type { OnProgress } from '../../test/control-plane/progress.ts';
import type { Contender } from './sidecar/contender.ts';
import type { SuiteResult } from './metric.ts';
import type { Figures, Row } from './row.ts';
import type { Stage } from './sidecar/stage.ts';

export interface RunOptions {
  readonly rows: readonly Row[];
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly stage: Stage;
  readonly onProgress: OnProgress;
  /** A measurement that could not be made; the others go on. */
  readonly onFailure: (what: string, error: unknown) => void;
}

type Collected = SuiteResult['figures'];

/** Runs all rows, in each of them round by round and in each round every contender, so that a slow minute meets all of them. */
export async function runRows(options: RunOptions): Promise<Collected> {
  const figures: Record<string, Record<string, number[]>> = {};
  for (const row of options.rows) {
    const measurements = schedule(row, options);
    const record = async (measurement: Measurement): Promise<void> => {
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

interface Measurement {
  readonly row: Row;
  readonly round: number;
  readonly contender: Contender;
}

/** Who begins changes from round to round. */
function schedule(row: Row, { contenders, rounds }: RunOptions): Measurement[] {
  const taking = contenders.filter(({ role }) => row.roles.includes(role));
  return Array.from({ length: rounds }, (_, round) =>
    taking.map((_, index) => taking[(index + round) % taking.length]).filter((contender) => contender !== undefined),
  ).flatMap((order, round) => order.map((contender) => ({ row, round, contender })));
}

async function attempt({ row, round, contender }: Measurement, options: RunOptions): Promise<Figures> {
  const { stage, onProgress, rounds, onFailure } = options;
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
