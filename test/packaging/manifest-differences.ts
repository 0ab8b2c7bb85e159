import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../product/webhook-manifests.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What one rendering has and another doesn't, by kind and name of the objects: a new object as it is; of one that both have, what has
 * changed, by the paths of its fields. null: nothing any more.
 */
export function manifestDifferences(before: readonly Manifest[], after: readonly Manifest[]): Fields {
  const [were, are] = [byName(before), byName(after)];
  const changed = namesIn(were, are).filter((name) => !isDeepStrictEqual(were[name], are[name]));
  return Object.fromEntries(changed.map((name) => [name, differenceOf(were[name], are[name])]));
}

/** Without its namespace: an object that has another one is the same. */
function byName(manifests: readonly Manifest[]): Readonly<Record<string, Manifest>> {
  const named = manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const);
  const found = Object.fromEntries(named);
  const hidden = named.find(([name, manifest]) => found[name] !== manifest);
  if (hidden) throw new Error(`two objects have the name ${hidden[0]}`);
  return found;
}

function namesIn(one: Fields, other: Fields): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

function differenceOf(was: Manifest | undefined, is: Manifest | undefined): unknown {
  if (!was || !is) return is ?? null;
  return Object.fromEntries(changedFields('', was, is));
}

function changedFields(path: string, was: unknown, is: unknown): [string, unknown][] {
  if (isDeepStrictEqual(was, is)) return [];
  const [before, after] = [fieldsOf(was), fieldsOf(is)];
  if (!before || !after) return [[path, is ?? null]];
  const pathOf = (name: string): string => {
    if (Array.isArray(was)) return `${path}[${name}]`;
    return path === '' ? name : `${path}.${name}`;
  };
  return namesIn(before, after).flatMap((name) => changedFields(pathOf(name), before[name], after[name]));
}

/** Those of a mapping, and the items of a list by names that tell them apart; undefined for all else. */
function fieldsOf(value: unknown): Fields | undefined {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  const items = value.map((item: unknown) => [nameOfItem(item), item] as const);
  const names = new Set(items.map(([name]) => name));
  return names.size === items.length && !names.has(undefined) ? (Object.fromEntries(items) as Fields) : undefined;
}

/** An alert's name is a field of its own. */
function nameOfItem(item: unknown): string | undefined {
  const { name, alert } = (item ?? {}) as { readonly name?: string; readonly alert?: string };
  return name ?? alert;
}
