import { isRecord } from '../../shared/is-record.ts';
import type { Kind } from '../../shared/settings/kind.ts';
import { nearestName } from '../../shared/settings/nearest-name.ts';
import type { Problem } from '../../shared/settings/problem.ts';

/** A place in the configuration file, as problems name it, and where they are gathered. */
export interface FieldPlace {
  readonly where: string;
  readonly problems: Problem[];
  /** Names of fields that stand deeper, with the way to them. */
  readonly deeper?: ReadonlyMap<string, string>;
}

/** The place of a field of a mapping. */
export function fieldOf({ where, problems }: FieldPlace, field: string): FieldPlace {
  return { where: `${where}.${field}`, problems };
}

/** The fields of a mapping that has a closed list of them; a blank value has none. */
export function readFields<F extends string>(
  value: unknown,
  fields: readonly F[],
  { where, problems, deeper }: FieldPlace,
): Partial<Record<F, unknown>> {
  const mapping = readMapping(value, 'is no mapping', { where, problems });
  const known: readonly string[] = fields;
  for (const field of Object.keys(mapping).filter((name) => !known.includes(name))) {
    const problem = unknownField(`${where}.${field}`, field, fields);
    problems.push({ ...problem, nearest: deeper?.get(field) ?? problem.nearest });
  }
  return mapping as Partial<Record<F, unknown>>;
}

/** A mapping whose keys are names that somebody chose; a blank value has none. */
export function readMapping(value: unknown, fault: string, { where, problems }: FieldPlace): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (isRecord(value)) return value;
  problems.push({ where, kind: 'not-accepted', fault });
  return {};
}

/** A list of values of one kind; undefined where the field is left out. Nobody knows whether a blank one means nothing or all. */
export function readList<T>(value: unknown, kind: Kind<T>, { where, problems }: FieldPlace): readonly T[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) {
    problems.push({ where, kind: 'not-accepted', fault: 'is no list', accepts: 'a list, [] for an empty one' });
    return [];
  }
  return value
    .map((item, index) => readValue(item, kind, { where: `${where}[${index}]`, problems }))
    .filter((item) => item !== undefined);
}

/** One value; undefined where the field is left out. Scalars of YAML come as text. */
export function readValue<T>(value: unknown, kind: Kind<T>, { where, problems }: FieldPlace): T | undefined {
  if (value === undefined) return undefined;
  const { accepts } = kind;
  if (typeof value !== 'string') {
    problems.push({ where, kind: 'not-accepted', fault: 'is no text', accepts });
    return undefined;
  }
  const parsed = kind.parse(value);
  if (parsed === undefined) {
    const problem: Problem = { where, kind: 'not-accepted', given: value, fault: 'is not accepted', accepts };
    problems.push({ ...problem, ...kind.explain?.(value) });
  }
  return parsed;
}

/** A field that there is not. */
export function unknownField(where: string, field: string, fields: readonly string[]): Problem {
  const nearest = nearestName(field, fields);
  return { where, kind: 'unknown', fault: 'is no field', accepts: fields.join(', '), nearest };
}

/** A value as a setting's text: of a list its items, of what is blank none. */
export function readText(value: unknown, { where, problems }: FieldPlace): string {
  const items = (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => item ?? '');
  const texts = items.filter((item) => typeof item === 'string');
  if (texts.length === items.length) return texts.join(',');
  problems.push({ where, kind: 'not-accepted', fault: 'is no text', accepts: 'a text, or a list of texts' });
  return '';
}
