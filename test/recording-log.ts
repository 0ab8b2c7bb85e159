import { createLogger, type Logger } from '../shared/log/log.ts';
import { levels } from '../shared/log/log-levels.ts';

export type LogLine = Readonly<Record<string, unknown>>;

/** A logger that keeps its lines, parsed; `text` is all of them as they would be written. */
export function recordingLog(level: 'DEBUG' | 'CRITICAL' = 'DEBUG'): {
  log: Logger;
  lines: LogLine[];
  text: () => string;
} {
  const lines: LogLine[] = [];
  const options = { level: levels[level], zone: 'UTC', now: Date.now } as const;
  const log = createLogger(options, { write: (line) => lines.push(JSON.parse(line) as LogLine) });
  return { log, lines, text: () => lines.map((line) => JSON.stringify(line)).join('\n') };
}
