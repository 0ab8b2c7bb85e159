import { isCollection, isMap, isScalar, isSeq, type Document, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { AddOperation } from '../admission-review.ts';
import { nodeOf } from './manifests.ts';

/** A field's name, or the place in a list. */
export type PathPart = string | number;

/** What is put at a place of a document that does not have it yet, or has nothing there. */
export interface Addition {
  readonly path: readonly PathPart[];
  readonly value: unknown;
}

export type Collection = YAMLMap | YAMLSeq;

/** What a pod at `place` gets by one operation of a patch; the API server sends every pod with metadata, which a manifest may leave out. */
export function additionTo(document: Document, place: readonly PathPart[], { path, value }: AddOperation): Addition {
  return withParents(document, { path: [...place, ...path.split('/').slice(1).map(unescapePointer)], value });
}

function withParents(document: Document, { path, value }: Addition): Addition {
  const parent = path.slice(0, -1);
  if (parent.length === 0 || isCollection(document.getIn(parent, true))) return { path, value };
  return withParents(document, { path: parent, value: { [String(path.at(-1))]: value } });
}

/** https://datatracker.ietf.org/doc/html/rfc6901#section-4 */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The collections on the way to an addition, from the outermost to the one that it is put into. */
export function collectionsAround(document: Document, { path }: Addition): Collection[] {
  return path.map((_part, depth) => {
    const node = document.getIn(path.slice(0, depth), true);
    if (!isCollection(node)) throw new Error(`nothing can be added at ${path.join('.')}`);
    return node;
  });
}

/** Puts it into the document, whose nodes then have no places in a text; what was in braces on the way there no longer is. */
export function addToDocument(document: Document, addition: Addition): void {
  const around = collectionsAround(document, addition);
  for (const collection of around) collection.flow = false;
  const parent = around.at(-1);
  const last = String(addition.path.at(-1));
  if (isSeq(parent)) parent.items.splice(placeInList(parent, last), 0, nodeOf(addition.value));
  else if (isMap(parent)) addToMap(parent, last, addition.value);
}

function addToMap(map: YAMLMap, name: string, value: unknown): void {
  const written = pairOf(map, name);
  if (written) written.value = nodeOf(value);
  else map.set(nodeOf(name), nodeOf(value));
}

/** The field of that name. */
export function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

/** Of `2`, or `-` for the end. */
export function placeInList({ items }: YAMLSeq, part: string): number {
  return part === '-' ? items.length : Number(part);
}
