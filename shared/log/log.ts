import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { describeError } from './log-error.ts';
import { isoTime, type Zone } from './zoned-time.ts';

/** A logger whose lines are JSON with `time`, `level` (in words), `msg` (constant text) and the facts as fields. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  /** Nothing below it is logged: a number of pino's levels, such as those of `levels`. */
  readonly level: number;
  readonly zone: Zone;
  readonly now: () => number;
}

// As Python and so kiwigrid/k8s-sidecar call them.
const levelWords: Readonly<Record<string, string>> = { warn: 'WARNING', fatal: 'CRITICAL' };

/** Makes the program's logger. An error belongs into the field `err`, of which only what `describeError` tells is logged. */
export function createLogger({ level, zone, now }: LoggerOptions, destination: DestinationStream): Logger {
  return pino(
    {
      level: Object.entries(pino.levels.values).find(([, value]) => value >= level)?.[0] ?? 'silent',
      base: null,
      timestamp: () => `,"time":"${isoTime(now(), zone)}"`,
      formatters: { level: (label) => ({ level: levelWords[label] ?? label.toUpperCase() }) },
      serializers: { err: (error: unknown) => describeError(error) },
    },
    destination,
  );
}
