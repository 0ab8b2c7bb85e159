import { pino, type DestinationStream } from 'pino';
import { createLogger, type Logger } from './log.ts';
import { logfmtFormat } from './log-format.ts';
import { levels } from './log-levels.ts';
import type { logSettings } from '../settings/log-settings.ts';
import type { Values } from '../settings/setting.ts';

/** LOG_CONFIG is not a setting of every program. */
export type LogSettings = Values<typeof logSettings> & { readonly LOG_CONFIG?: string | undefined };

export interface LogSurroundings {
  readonly console: (stream: 'stdout' | 'stderr') => DestinationStream;
  readonly now: () => number;
}

/** The log that the settings ask for; throws a LogConfigError for a LOG_CONFIG that can't be used. */
export async function openLog(settings: LogSettings, surroundings: LogSurroundings): Promise<Logger> {
  const { LOG_LEVEL, LOG_FORMAT, LOG_TZ: zone, LOG_CONFIG } = settings;
  if (LOG_CONFIG !== undefined) return openConfiguredLog(LOG_CONFIG, settings, surroundings);
  const stderr = surroundings.console('stderr');
  const logfmt = logfmtFormat();
  const destination = LOG_FORMAT === 'JSON' ? stderr : { write: (line: string) => stderr.write(logfmt(line)) };
  return createLogger({ level: levels[LOG_LEVEL], zone, now: surroundings.now }, destination);
}

/** The file says all that the other settings say, but for the time zone. */
async function openConfiguredLog(
  path: string,
  { LOG_TZ: zone }: LogSettings,
  { console, now }: LogSurroundings,
): Promise<Logger> {
  // Few have such a file, and a parser of YAML costs everybody memory.
  const { openLogConfig } = await import('./log-config/log-config.ts');
  // Told by the log itself, which is there only afterwards and must not be in the middle of a line.
  const onFailure = (file: string, err: unknown): void =>
    queueMicrotask(() => log.error({ file, err }, 'LOG_CONFIG: the file can not be written, its lines are lost'));
  const { level, handlers, ignored } = openLogConfig(path, { zone, console, onFailure });
  const streams = handlers.map(({ level, write }) => ({ level, stream: { write } }));
  const log = createLogger({ level, zone, now }, pino.multistream<number>(streams));
  if (ignored.length > 0) log.warn({ ignored }, 'LOG_CONFIG: ignored, as it means nothing here');
  return log;
}
