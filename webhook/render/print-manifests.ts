import type { Document, Node } from 'yaml';
import type { AddOperation } from '../admission-review.ts';
import { addToDocument, collectionsAround, additionTo, type Addition, type PathPart } from './additions.ts';
import { blockEdits, type WrittenText } from './block-edit.ts';
import { braceEdits, printed } from './brace-edit.ts';
import { isWrittenAnew, writtenDocument, yamlOf, type Manifest, type ManifestFile } from './manifests.ts';
import { applyEdits, endOfLine, type TextEdit } from './text-edits.ts';

/** What a pod gets, and where it is. */
export interface PlacedOperations {
  readonly document: Document;
  readonly place: readonly PathPart[];
  readonly operations: readonly AddOperation[];
}

/**
 * The file with what is added to its manifests; all else is printed as it came. What is written in braces gets lines where something is
 * added in it. JSON, and a document with anchors, is written anew.
 */
export function printManifests({ text, manifests }: ManifestFile, added: readonly PlacedOperations[]): string {
  const written = { text, indentSeq: !hasFlushLists(text) };
  const edits = manifests.flatMap((manifest) => {
    const own = added.filter(({ document }) => document === manifest.document);
    const additions = own.flatMap(({ place, operations }) =>
      operations.map((operation) => additionTo(manifest.document, place, operation)),
    );
    if (additions.length === 0) return [];
    return isWrittenAnew(manifest) ? [anew(written, manifest, additions)] : inPlace(written, manifest, additions);
  });
  return applyEdits(text, edits);
}

/** Whether the dashes of lists stand below the first letter of their field, as in what `kubectl` prints; JSON has none. */
function hasFlushLists(text: string): boolean {
  return /^\s*\{|^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1- /m.test(text);
}

/** What is added to one place must not appear in another. */
function anew(
  { text, indentSeq }: WrittenText,
  { value, document }: Manifest,
  additions: readonly Addition[],
): TextEdit {
  const copy = writtenDocument(yamlOf(value, indentSeq));
  for (const addition of additions) addToDocument(copy, addition);
  const [from, end] = (document.contents as Node).range!;
  return { from, to: endOfLine(text, end - 1), text: printed(copy, indentSeq), depth: 0 };
}

function inPlace(written: WrittenText, { document }: Manifest, additions: readonly Addition[]): TextEdit[] {
  const placed = additions.map((addition) => {
    const around = collectionsAround(document, addition);
    return { addition, around, depth: around.findIndex(({ flow }) => flow === true) };
  });
  const [inBlocks, inBraces] = [placed.filter(({ depth }) => depth < 0), placed.filter(({ depth }) => depth >= 0)];
  // First, as the places of what is in braces are lost with the next step.
  const edits = inBlocks.flatMap(({ addition, around }) => blockEdits(written, addition, around));
  for (const { addition } of inBraces) addToDocument(document, addition);
  const opened = new Map(
    inBraces.map(({ around, depth }) => [around[depth]!, { parent: around[depth - 1]!, depth: depth + 1 }]),
  );
  return [...edits, ...[...opened].flatMap(([collection, at]) => braceEdits(written, { collection, ...at }))];
}
