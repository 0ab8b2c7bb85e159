import { isRecord } from '../../shared/is-record.ts';
import type { PathPart } from './additions.ts';

/** An object in a manifest, and where. */
export interface PlacedObject {
  readonly object: Fields;
  readonly place: readonly PathPart[];
}

export type Fields = Readonly<Record<string, unknown>>;

/** The object that a manifest is, or those of a List. */
export function objectsIn(value: unknown, place: readonly PathPart[] = []): PlacedObject[] {
  const object = fieldsOf(value);
  const { kind, items } = object;
  if (kind !== 'List' || !Array.isArray(items)) return [{ object, place }];
  return items.flatMap((item, index) => objectsIn(item, [...place, 'items', index]));
}

/** As messages name it: `shop/Deployment grafana`. */
export function titleOf({ kind, metadata }: Fields): string {
  const { name, generateName } = fieldsOf(metadata);
  const [called = 'without a name'] = [name, generateName].filter((text) => typeof text === 'string');
  const namespace = namespaceOf({ metadata });
  return `${namespace === undefined ? '' : `${namespace}/`}${String(kind)} ${called}`;
}

/** The namespace that an object names. */
export function namespaceOf({ metadata }: Fields): string | undefined {
  const { namespace } = fieldsOf(metadata);
  return typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
}

/** The fields of a mapping; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}
