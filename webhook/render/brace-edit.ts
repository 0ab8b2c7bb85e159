import { Document, isSeq, type YAMLMap } from 'yaml';
import type { Collection } from './additions.ts';
import type { WrittenText } from './block-edit.ts';
import { asWritten } from './manifests.ts';
import { columnOf, endOfLine, indent, type TextEdit } from './text-edits.ts';

/** What a collection was in the text that was in braces there, and no longer is. */
export interface Opened {
  readonly collection: Collection;
  /** What has it. */
  readonly parent: Collection;
  /** Of what is added in it. */
  readonly depth: number;
}

/** Its lines, in place of the braces; below the name of the field, or behind the dash. What stands behind the braces stays in its line. */
export function braceEdits({ text, indentSeq }: WrittenText, { collection, parent, depth }: Opened): TextEdit[] {
  const [from, to] = collection.range!;
  const lines = printed(collection, indentSeq);
  const end = endOfLine(text, to);
  const isAlone = text.slice(to, end).trim() === '';
  if (isSeq(parent) && isAlone) return [{ from, to, text: indent(lines, columnOf(text, from)).trim(), depth }];
  const column = columnOf(text, parent.range![0]) + (isSeq(collection) && !indentSeq && !isSeq(parent) ? 0 : 2);
  const before = text.slice(0, from).trimEnd().length;
  return [
    { from: before, to, text: '', depth },
    { from: end, to: end, text: indent(lines, column), depth },
  ];
}

/** A collection, or a document, as text. */
export function printed(node: Collection | Document, indentSeq: boolean): string {
  const document = node instanceof Document ? node : new Document(undefined, asWritten);
  if (document !== node) document.contents = node as YAMLMap;
  return document.toString({ lineWidth: 0, indentSeq, flowCollectionPadding: false });
}
