import { readFileSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { LineCounter, parseDocument } from 'yaml';
import { hasErrorCode } from '../../system-error.ts';
import { planLog, type LogHandlerPlan } from './document.ts';
import type { LineStyle } from './styles.ts';
import { LogFile } from './log-file.ts';
import { jsonFormat, logfmtFormat, type LineFormat } from '../log-format.ts';
import { textFormat } from './text-format.ts';
import type { Zone } from '../zoned-time.ts';

/** LOG_CONFIG can't be used. The exit codes are those of kiwigrid/k8s-sidecar: 2 for a file that is no YAML, else 1. */
export class LogConfigError extends Error {
  override readonly name = 'LogConfigError';
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export interface LogConfigOptions {
  readonly zone: Zone;
  readonly console: (stream: 'stdout' | 'stderr') => DestinationStream;
  /** Called for a file that can't be opened, or no longer be written; the other handlers go on. */
  readonly onFailure: (file: string, error: unknown) => void;
}

/** A way out for lines of this level and above. */
export interface LogHandler {
  readonly level: number;
  readonly write: (line: string) => void;
}

export interface OpenedLogConfig {
  readonly level: number;
  readonly handlers: readonly LogHandler[];
  /** What the file says that means nothing here. */
  readonly ignored: readonly string[];
}

/**
 * Opens the log that a configuration file of Python's logging describes; throws LogConfigError. This file is imported only where
 * there is one, for the sake of memory.
 */
export function openLogConfig(path: string, options: LogConfigOptions): OpenedLogConfig {
  const { level, handlers, ignored, problems } = planLog(readYaml(path));
  if (problems.length > 0) throw new LogConfigError(`LOG_CONFIG ${path}: ${problems.join('; ')}`, 1);
  return { level, handlers: handlers.flatMap((plan) => openHandler(plan, options)), ignored };
}

function readYaml(path: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(readText(path), { prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error) throw noYaml(path, `${inWords(error.code)} in line ${lineCounter.linePos(error.pos[0]).line}`);
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    // Aliases are resolved only now: one without an anchor, or so many that they would fill the memory.
    throw noYaml(path, 'an alias can not be resolved', { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const isMissing = hasErrorCode(cause, 'ENOENT');
    // For the first of them as kiwigrid/k8s-sidecar says it.
    const message = isMissing ? `Config file: ${path} Not Found` : `LOG_CONFIG names ${path}, which cannot be read`;
    throw new LogConfigError(message, 1, { cause });
  }
}

function noYaml(path: string, fault: string, options?: ErrorOptions): LogConfigError {
  return new LogConfigError(`LOG_CONFIG names ${path}, which is no valid YAML: ${fault}`, 2, options);
}

/** The parser's messages quote the file, its codes do not: `BAD_INDENT`. */
function inWords(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

function openHandler({ level, target, style }: LogHandlerPlan, options: LogConfigOptions): LogHandler[] {
  if (target.kind === 'nowhere') return [];
  const format = formatOf(style, options.zone);
  if (target.kind === 'console') {
    const stream = options.console(target.stream);
    return [{ level, write: (line) => stream.write(format(line)) }];
  }
  const onFailure = (error: unknown): void => options.onFailure(target.path, error);
  try {
    const file = LogFile.open({ ...target, onFailure });
    return [{ level, write: (line) => file.write(format(line)) }];
  } catch (error) {
    onFailure(error);
    return [];
  }
}

function formatOf(style: LineStyle, zone: Zone): LineFormat {
  switch (style.kind) {
    case 'json':
      return jsonFormat(style.names);
    case 'logfmt':
      return logfmtFormat(style.names);
    case 'text':
      return textFormat({ ...style, zone });
  }
}
