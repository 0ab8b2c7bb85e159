/** Rewrites one line of the log, JSON and its line feed, into another format. */
export type LineFormat = (line: string) => string;

/** What the three fields are called that every line has. */
export interface FieldNames {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
}

/** The names in kiwigrid/k8s-sidecar's lines. */
export const standardNames: FieldNames = { time: 'time', level: 'level', msg: 'msg' };

/** A line of the log in its parts. */
export interface LogRecord extends FieldNames {
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Takes a line of the log apart. */
export function parseLine(line: string): LogRecord {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  return { time: String(time), level: String(level), msg: typeof msg === 'string' ? msg : '', facts };
}

/** The same line with other names for the fields that every line has. */
export function jsonFormat(names: FieldNames): LineFormat {
  return (line) => {
    const { time, level, msg, facts } = parseLine(line);
    return `${JSON.stringify({ [names.time]: time, [names.level]: level, [names.msg]: msg, ...facts })}\n`;
  };
}

/** `time=… level=INFO msg="…"` and then the facts; those inside of others have names such as `err.message`. */
export function logfmtFormat(names = standardNames): LineFormat {
  return (line) => {
    const { time, level, msg, facts } = parseLine(line);
    return `${printPairs({ [names.time]: time, [names.level]: level, [names.msg]: msg, ...facts })}\n`;
  };
}

/** `key=value` of each field. https://brandur.org/logfmt */
export function printPairs(fields: Readonly<Record<string, unknown>>): string {
  return flatten(fields, '')
    .map(([key, value]) => `${key.replaceAll(/[\s="]/g, '_')}=${quote(value)}`)
    .join(' ');
}

function flatten(fields: object, prefix: string): [key: string, value: string][] {
  return Object.entries(fields).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    if (typeof value === 'string') return [[prefix + key, value]];
    if (typeof value !== 'object' || value === null) return [[prefix + key, String(value)]];
    if (!Array.isArray(value)) return flatten(value, `${prefix}${key}.`);
    return [[prefix + key, value.every(isText) ? value.join(',') : JSON.stringify(value)]];
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A JSON string escapes what has to be escaped between quotes, line feeds above all. */
function quote(value: string): string {
  // All printable characters of ASCII but the space, the quote and the equals sign.
  return /^[!#-<>-~]+$/.test(value) ? value : JSON.stringify(value);
}
