import { Findings, type Section } from './findings.ts';
import { levels } from '../log-levels.ts';
import { plainText, readStyle, type LineStyle } from './styles.ts';

/** Where a handler writes to. */
export type LogTarget =
  | { readonly kind: 'console'; readonly stream: 'stdout' | 'stderr' }
  | ({ readonly kind: 'file'; readonly path: string; readonly append: boolean } & Rotation)
  | { readonly kind: 'nowhere' };

interface Rotation {
  readonly maxBytes: number;
  readonly backupCount: number;
}

export interface LogHandlerPlan {
  /** Lines below are not written; in pino's numbers. */
  readonly level: number;
  readonly target: LogTarget;
  readonly style: LineStyle;
}

/** What a configuration of Python's logging means here. */
export interface LogPlan {
  /** In pino's numbers. */
  readonly level: number;
  readonly handlers: readonly LogHandlerPlan[];
  /** What is given and means nothing here, such as `handlers.console.filters`. */
  readonly ignored: readonly string[];
  /** What Python would not take either. */
  readonly problems: readonly string[];
}

/** Reads a document in the schema of https://docs.python.org/3/library/logging.config.html#configuration-dictionary-schema */
export function planLog(document: unknown): LogPlan {
  const findings = new Findings();
  const sections = findings.section(document, 'the file');
  if (sections['version'] !== 1) findings.problems.push('version: must be 1');
  const loggers = findings.section(sections['loggers'], 'loggers');
  const root = findings.section(sections['root'] ?? loggers['root'] ?? loggers[''], 'root');
  // There is one logger here, Python's root; that no other one is disabled goes without saying.
  findings.ignoreAllBut(['', 'root'], loggers, 'loggers');
  findings.ignoreAllBut(['level', 'handlers', 'propagate'], root, 'root');
  const harmless = sections['disable_existing_loggers'] === true ? [] : ['disable_existing_loggers'];
  findings.ignoreAllBut(['version', 'root', 'loggers', 'handlers', 'formatters', ...harmless], sections, '');
  const level = findings.level(root['level'] ?? 'WARNING', 'root.level');
  const handlers = readHandlers(root['handlers'], sections, findings);
  const { ignored, problems } = findings;
  return { level, handlers: handlers.length > 0 ? handlers : [lastResort], ignored, problems };
}

/** What Python falls back to when no handler is named. */
const lastResort: LogHandlerPlan = {
  level: levels.WARNING,
  target: { kind: 'console', stream: 'stderr' },
  style: plainText,
};

function readHandlers(names: unknown, sections: Section, findings: Findings): LogHandlerPlan[] {
  const handlers = findings.section(sections['handlers'], 'handlers');
  const formatters = findings.section(sections['formatters'], 'formatters');
  return (Array.isArray(names) ? names.map(String) : []).flatMap((name) => {
    const handler = findings.entry(handlers, name, { from: 'root.handlers', kind: 'handler' });
    const where = `handlers.${name}`;
    const target = readTarget(handler, where, findings);
    const level = findings.level(handler['level'] ?? 'NOTSET', `${where}.level`);
    return target ? [{ level, target, style: styleOf(handler, { where, formatters }, findings) }] : [];
  });
}

function styleOf(
  { formatter }: Section,
  { where, formatters }: { where: string; formatters: Section },
  findings: Findings,
): LineStyle {
  if (typeof formatter !== 'string') return plainText;
  const found = findings.entry(formatters, formatter, { from: `${where}.formatter`, kind: 'formatter' });
  return readStyle(found, `formatters.${formatter}`, findings);
}

/** undefined for a class that means nothing here: a handler that sends mail, say, or one of the user's own. */
function readTarget(handler: Section, where: string, findings: Findings): LogTarget | undefined {
  const className = typeof handler['class'] === 'string' ? handler['class'] : '';
  const read = Object.hasOwn(targets, className) ? targets[className] : undefined;
  if (read) return read(handler, where, findings);
  findings.ignored.push(`${where}: its class`);
  return undefined;
}

const targets: Readonly<Record<string, (handler: Section, where: string, findings: Findings) => LogTarget>> = {
  'logging.StreamHandler': readConsole,
  'logging.NullHandler': () => ({ kind: 'nowhere' }),
  'logging.FileHandler': readFile,
  'logging.handlers.WatchedFileHandler': readFile,
  'logging.handlers.RotatingFileHandler': readRotatingFile,
  // Rotation by time is among what is left unread of it, and named.
  'logging.handlers.TimedRotatingFileHandler': readFile,
};

const ofEveryHandler = ['class', 'level', 'formatter'];
const ofEveryFile = [...ofEveryHandler, 'filename', 'mode', 'delay', 'encoding'];

function readConsole(handler: Section, where: string, findings: Findings): LogTarget {
  findings.ignoreAllBut([...ofEveryHandler, 'stream'], handler, where);
  const stream = handler['stream'] ?? 'ext://sys.stderr';
  if (stream !== 'ext://sys.stdout' && stream !== 'ext://sys.stderr') findings.ignored.push(`${where}.stream`);
  return { kind: 'console', stream: stream === 'ext://sys.stdout' ? 'stdout' : 'stderr' };
}

function readFile(handler: Section, where: string, findings: Findings): LogTarget {
  findings.ignoreAllBut(ofEveryFile, handler, where);
  return { kind: 'file', ...openingOf(handler, where, findings), maxBytes: 0, backupCount: 0 };
}

function readRotatingFile(handler: Section, where: string, findings: Findings): LogTarget {
  findings.ignoreAllBut([...ofEveryFile, 'maxBytes', 'backupCount'], handler, where);
  const maxBytes = findings.count(handler['maxBytes'], `${where}.maxBytes`);
  const backupCount = findings.count(handler['backupCount'], `${where}.backupCount`);
  const { path, append } = openingOf(handler, where, findings);
  // Python too: what was in it before would be lost without having been rotated.
  return { kind: 'file', path, append: append || maxBytes > 0, maxBytes, backupCount };
}

function openingOf({ filename, mode }: Section, where: string, findings: Findings): { path: string; append: boolean } {
  if (typeof filename !== 'string' || filename === '') findings.problems.push(`${where}.filename: is required`);
  return { path: String(filename), append: mode !== 'w' };
}
