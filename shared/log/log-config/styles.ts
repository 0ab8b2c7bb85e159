import { standardNames, type FieldNames } from '../log-format.ts';
import type { Findings, Section } from './findings.ts';
import { unknownDateParts, unknownPlaceholders } from './text-format.ts';

/** How a handler writes a line. */
export type LineStyle =
  | { readonly kind: 'json' | 'logfmt'; readonly names: FieldNames }
  | { readonly kind: 'text'; readonly template: string; readonly dateTemplate: string | undefined };

const usualTemplate = '%(message)s';

/** What Python does for a handler without a formatter. */
export const plainText: LineStyle = { kind: 'text', template: usualTemplate, dateTemplate: undefined };

/** Reads an entry of `formatters`; which kind it is, its class says: `logger.JsonFormatter`, `logfmter.Logfmter`. */
export function readStyle(formatter: Section, where: string, findings: Findings): LineStyle {
  const className = formatter['()'] ?? formatter['class'] ?? 'logging.Formatter';
  const name = typeof className === 'string' ? (className.split('.').at(-1) ?? '').toLowerCase() : '';
  if (name.startsWith('json')) return readJsonStyle(formatter, where, findings);
  if (name.startsWith('logfmt')) return readLogfmtStyle(formatter, where, findings);
  if (name !== 'formatter') findings.ignored.push(`${where}: its class`);
  return readTextStyle(formatter, where, findings);
}

/** What Python calls the fields that every line has; a formatter may give them other names. */
const attributes: ReadonlyMap<string, keyof FieldNames> = new Map([
  ['asctime', 'time'],
  ['time', 'time'],
  ['levelname', 'level'],
  ['message', 'msg'],
]);

/** `rename_fields: {levelname: severity}` of python-json-logger; `format` only names fields, of which we always write all. */
function readJsonStyle(formatter: Section, where: string, findings: Findings): LineStyle {
  findings.ignoreAllBut(['()', 'class', 'format', 'fmt', 'rename_fields'], formatter, where);
  ignorePlaceholders(formatter['format'] ?? formatter['fmt'], `${where}.format`, findings);
  const renamed = Object.entries(findings.section(formatter['rename_fields'], `${where}.rename_fields`));
  return { kind: 'json', names: namesOf(renamed, `${where}.rename_fields`, findings) };
}

/** `mapping: {severity: levelname}` of logfmter; `keys` only names fields, of which we always write all. */
function readLogfmtStyle(formatter: Section, where: string, findings: Findings): LineStyle {
  findings.ignoreAllBut(['()', 'class', 'keys', 'mapping'], formatter, where);
  const mapping = Object.entries(findings.section(formatter['mapping'], `${where}.mapping`));
  const renamed = mapping.map(([name, attribute]): Renaming => [String(attribute), name]);
  return { kind: 'logfmt', names: namesOf(renamed, `${where}.mapping`, findings) };
}

type Renaming = readonly [attribute: string, name: unknown];

function namesOf(renamings: readonly Renaming[], where: string, findings: Findings): FieldNames {
  const names: Record<keyof FieldNames, string> = { ...standardNames };
  for (const [attribute, name] of renamings) {
    const field = attributes.get(attribute);
    if (field) names[field] = String(name);
    else findings.ignored.push(`${where}: ${attribute}`);
  }
  return names;
}

function readTextStyle(formatter: Section, where: string, findings: Findings): LineStyle {
  const style = formatter['style'] ?? '%';
  const template = style === '%' ? textOf(formatter['format'] ?? formatter['fmt']) : undefined;
  if (style !== '%') findings.ignored.push(`${where}.format: only the style % is known`);
  const dateTemplate = textOf(formatter['datefmt']);
  findings.ignoreAllBut(['()', 'class', 'format', 'fmt', 'datefmt', 'style', 'validate'], formatter, where);
  ignorePlaceholders(template, `${where}.format`, findings);
  findings.ignored.push(...unknownDateParts(dateTemplate ?? '').map((part) => `${where}.datefmt: ${part}`));
  return { kind: 'text', template: template ?? usualTemplate, dateTemplate };
}

function ignorePlaceholders(template: unknown, where: string, findings: Findings): void {
  findings.ignored.push(...unknownPlaceholders(textOf(template) ?? '').map((part) => `${where}: ${part}`));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
