import { parseLine, printPairs, type LineFormat } from '../log-format.ts';
import { zonedTime, type Zone, type ZonedTime } from '../zoned-time.ts';

export interface TextFormatOptions {
  /** Such as `%(asctime)s %(levelname)-8s %(message)s`. */
  readonly template: string;
  /** How `%(asctime)s` shows the time, such as `%Y-%m-%d %H:%M:%S`; undefined: as that with milliseconds. */
  readonly dateTemplate: string | undefined;
  readonly zone: Zone;
}

/**
 * Lines in the percent style of Python's logging. What a template has no place for, the facts of a line, follows it as
 * `key=value`. https://docs.python.org/3/library/logging.html#formatter-objects
 */
export function textFormat({ template, dateTemplate, zone }: TextFormatOptions): LineFormat {
  return (line) => {
    const { time, level, msg, facts } = parseLine(line);
    const asctime = formatDate(dateTemplate, zonedTime(Date.parse(time), zone));
    const values: LineValues = { message: msg, levelname: level, asctime };
    const text = template.replaceAll(placeholders, (placeholder) => fill(placeholder, values));
    return `${[text, printPairs(facts)].filter((part) => part !== '').join(' ')}\n`;
  };
}

/** The parts of a template that get no value, such as `%(funcName)s`. */
export function unknownPlaceholders(template: string): string[] {
  const known = ['message', 'levelname', 'asctime', undefined];
  return [...template.matchAll(placeholders)].filter(([, name]) => !known.includes(name)).map(([match]) => match);
}

/** The parts of a date template that stay as they are. */
export function unknownDateParts(dateTemplate: string): string[] {
  return [...dateTemplate.matchAll(datePart)].filter(([, letter = '']) => !(letter in dateParts)).map(([part]) => part);
}

// `%%`, or a name with, as in printf, flags, width and type.
const placeholders = /%(?:%|\((\w+)\)([-#0 +]*)(\d*)(?:\.\d+)?[sdifr])/g;
const datePart = /%(.)/g;

type LineValues = Readonly<Record<string, string>>;

function fill(placeholder: string, values: LineValues): string {
  const [, name, flags = '', width] = new RegExp(placeholders.source).exec(placeholder) ?? [];
  if (name === undefined) return '%';
  const value = Object.hasOwn(values, name) ? (values[name] ?? '') : '';
  return flags.includes('-') ? value.padEnd(Number(width)) : value.padStart(Number(width));
}

function formatDate(template: string | undefined, time: ZonedTime): string {
  const { clock } = time;
  // Python's own default has its milliseconds after a comma.
  if (template === undefined)
    return `${formatDate('%Y-%m-%d %H:%M:%S', time)},${digits(clock.getUTCMilliseconds(), 3)}`;
  return template.replaceAll(datePart, (part, letter: string) => dateParts[letter]?.(time) ?? part);
}

// https://docs.python.org/3/library/time.html#time.strftime
const dateParts: Readonly<Record<string, (time: ZonedTime) => string>> = {
  Y: ({ clock }) => digits(clock.getUTCFullYear(), 4),
  y: ({ clock }) => digits(clock.getUTCFullYear() % 100),
  m: ({ clock }) => digits(clock.getUTCMonth() + 1),
  d: ({ clock }) => digits(clock.getUTCDate()),
  H: ({ clock }) => digits(clock.getUTCHours()),
  M: ({ clock }) => digits(clock.getUTCMinutes()),
  S: ({ clock }) => digits(clock.getUTCSeconds()),
  z: ({ offset }) => offset.replace(':', ''),
  '%': () => '%',
};

function digits(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}
