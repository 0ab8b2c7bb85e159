import { isCollection, isMap, isPair, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { pairOf, placeInList, type Addition, type Collection } from './additions.ts';
import { yamlOf } from './manifests.ts';
import { columnOf, endOfLine, indent, type TextEdit } from './text-edits.ts';

/** A text with what is written in it, and how its lists are. */
export interface WrittenText {
  readonly text: string;
  /** Whether the dashes of lists are indented. */
  readonly indentSeq: boolean;
}

/** What an addition to a collection that has lines of its own is in the text. */
export function blockEdits(written: WrittenText, { path, value }: Addition, around: readonly Collection[]): TextEdit[] {
  const depth = path.length;
  const parent = around.at(-1)!;
  const last = String(path.at(-1));
  if (!isMap(parent)) return [listEdit(written, { list: parent, value, depth, at: placeInList(parent, last), around })];
  const pair = pairOf(parent, last);
  if (pair) return fieldEdits(written, { map: parent, pair, value, depth });
  return [
    linesAt(endOf(written, parent), { lines: yamlOf({ [last]: value }, written.indentSeq), parent, depth, written }),
  ];
}

interface ListAddition {
  readonly list: YAMLSeq;
  readonly at: number;
  readonly value: unknown;
  readonly depth: number;
  readonly around: readonly Collection[];
}

/** Behind the item before, and before the first below the name of the list: what a comment is about stays below it. */
function listEdit(written: WrittenText, { list, at, value, depth, around }: ListAddition): TextEdit {
  const before = list.items[at - 1] as Node | undefined;
  const from = before ? endOf(written, list, before) : endOfLine(written.text, nameOf(list, around).range![1]);
  return linesAt(from, { lines: yamlOf([value], written.indentSeq), parent: list, depth, written });
}

/** The name of a list; none of ours is in a list. */
function nameOf(list: YAMLSeq, around: readonly Collection[]): Node {
  const pair = around
    .filter(isMap)
    .flatMap(({ items }) => items)
    .find(({ value }) => value === list);
  return pair!.key as Node;
}

interface FieldAddition {
  readonly map: YAMLMap;
  readonly pair: Pair;
  readonly value: unknown;
  readonly depth: number;
}

/** In place of nothing, which may be written as null, or of a text. */
function fieldEdits(written: WrittenText, { map, pair, value, depth }: FieldAddition): TextEdit[] {
  const { text, indentSeq } = written;
  const [from, to] = (pair.value as Node).range!;
  if (typeof value !== 'object') {
    const lineEnd = text.slice(from, to).endsWith('\n') ? '\n' : '';
    return [{ from, to, text: yamlOf(value, indentSeq).trimEnd() + lineEnd, depth }];
  }
  const lines = yamlOf({ a: value }, indentSeq).replace(/^a:\n/, '');
  // Nothing that isn't written has no place of its own: a comment may begin there.
  const start = from === to ? from : text.slice(0, from).trimEnd().length;
  return [{ from: start, to, text: '', depth }, linesAt(endOfLine(text, to), { lines, parent: map, depth, written })];
}

interface Lines {
  readonly lines: string;
  /** Below whose first letter they begin. */
  readonly parent: Collection;
  readonly depth: number;
  readonly written: WrittenText;
}

function linesAt(from: number, { lines, parent, depth, written: { text } }: Lines): TextEdit {
  return { from, to: from, text: indent(lines, columnOf(text, parent.range![0])), depth };
}

/** Behind a collection, or an item of it, and the comments that are deeper than its items. */
function endOf({ text }: WrittenText, collection: Collection, within: Node | Pair = collection): number {
  const column = columnOf(text, collection.range![0]);
  const [, end] = lastLeaf(within).range!;
  let at = text[end - 1] === '\n' ? end : endOfLine(text, end);
  while (isComment(text, at, column)) at = endOfLine(text, at);
  return at;
}

function lastLeaf(node: Node | Pair): Node {
  if (isPair(node)) return lastLeaf((node.value ?? node.key) as Node);
  if (!isCollection(node) || node.flow === true) return node;
  return lastLeaf(node.items.at(-1) as Node | Pair);
}

function isComment(text: string, at: number, column: number): boolean {
  const [, spaces] = /^( *)#/.exec(text.slice(at, endOfLine(text, at))) ?? [];
  return spaces !== undefined && spaces.length > column;
}
