import { isCollection, isMap, isScalar, isSeq, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import type { AddOperation } from '../admission-review.ts';
import { nodeOf } from './manifests.ts';

/**
 * Applies the operations of a patch to what stands at `place` in a document. Ours only add, so a library for all that JSON Patch can
 * do would bring nothing; and none keeps comments.
 */
export function addToDocument(
  document: Document,
  place: readonly PathPart[],
  operations: readonly AddOperation[],
): void {
  for (const { path, value } of operations) {
    const parts = [...place, ...path.split('/').slice(1).map(unescapePointer)];
    const parent = document.getIn(parts.slice(0, -1), true);
    const last = String(parts.at(-1));
    if (isSeq(parent)) addToList(parent, last, value);
    else if (isMap(parent)) addToMap(parent, last, value);
    else throw new Error(`nothing can be added at ${path}`);
  }
}

/** A field's name, or the place in a list. */
export type PathPart = string | number;

/** https://datatracker.ietf.org/doc/html/rfc6901#section-4 */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function addToList(list: YAMLSeq, at: string, value: unknown): void {
  openBraces(list);
  list.items.splice(at === '-' ? list.items.length : Number(at), 0, nodeOf(value));
}

function addToMap(map: YAMLMap, name: string, value: unknown): void {
  openBraces(map);
  const written = map.items.find(({ key }) => isScalar(key) && key.value === name);
  if (written) written.value = nodeOf(value);
  else map.set(nodeOf(name), nodeOf(value));
}

/** What was written as `[]` or `{}`. */
function openBraces(collection: YAMLMap | YAMLSeq): void {
  if (isCollection(collection) && collection.items.length === 0) collection.flow = false;
}
