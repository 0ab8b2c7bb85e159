import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** A logger whose lines are JSON with `time`, `level` (in words), `msg` (constant text) and the facts as fields. */
export type Logger = PinoLogger;

// kiwigrid/k8s-sidecar takes Python's names of the levels.
const pinoLevels: Readonly<Record<string, string>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

/** Makes the program's logger; `level` is a word of the LOG_LEVEL setting. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level: pinoLevels[level] ?? 'info',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label === 'fatal' ? 'CRITICAL' : label.toUpperCase() }) },
    },
    destination,
  );
}
