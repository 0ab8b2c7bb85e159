import { isAlias, isMap, isScalar, parseAllDocuments, stringify, visit, type Document } from 'yaml';

/** One document of a file of manifests. */
export interface Manifest {
  readonly value: unknown;
  /** The same as it is written, with comments, quotes and numbers as they stand there. */
  readonly document: Document;
}

/** A file, YAML or JSON. */
export interface ManifestFile {
  readonly manifests: readonly Manifest[];
  /** Whether the dashes of its lists are indented. */
  readonly indentSeq: boolean;
}

/** Reads YAML as Kubernetes does, and keeps how it is written. */
export function readManifests(text: string): ManifestFile | { readonly faults: readonly string[] } {
  const read = documentsOf(text, asKubernetes);
  const written = documentsOf(text, asWritten);
  const faults = read.flatMap(({ errors }) => errors.map(firstLine));
  if (faults.length > 0) return { faults: templateFault(text) ?? faults };
  try {
    const all = read.map((document, index) => manifest(document.toJS(), written[index]!));
    const manifests = all.filter(({ value }) => value !== null && value !== undefined);
    return { manifests, indentSeq: !hasFlushLists(text) };
  } catch (error) {
    // Aliases are resolved only now: one without an anchor, or so many that they would fill the memory.
    return { faults: [firstLine(error as Error)] };
  }
}

/** What is wrong with a Helm chart's template is nothing that a reader of YAML could tell. */
function templateFault(text: string): string[] | undefined {
  const line = text.split('\n').findIndex((content) => content.includes('{{')) + 1;
  return line === 0
    ? undefined
    : [`line ${line} has {{, so it is a template: render what \`helm template\` makes of it`];
}

/** The file again. */
export function printManifests({ manifests, indentSeq }: ManifestFile): string {
  // A long line stays one: a diff shows what was added, and nothing else.
  const style = { lineWidth: 0, indentSeq, flowCollectionPadding: false };
  const texts = manifests.map(({ document }) => document.toString(style).replace(/^---\n/, ''));
  return texts.join('---\n');
}

/** A node of a value that means the same to every reader of YAML. */
export function nodeOf(value: unknown): unknown {
  return documentsOf(stringify(value, safely), asWritten)[0]?.contents;
}

/**
 * YAML 1.1, as Go's reader has it: without numbers of base 60, and with dates and binary content as text. So `yes` is true, and
 * 0644 is 420. https://github.com/kubernetes-sigs/yaml
 */
const asKubernetes = {
  version: '1.1',
  stringKeys: true,
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === 'string' || !(tag.format === 'TIME' || /timestamp|binary/.test(tag.tag))),
} as const;
type Tags = Parameters<
  Extract<NonNullable<Parameters<typeof parseAllDocuments>[1]>['customTags'], CallableFunction>
>[0];

/** All is text here: nothing is understood, so nothing is written otherwise. */
const asWritten = { schema: 'failsafe' } as const;

/** What 1.1 or 1.2 would take for something else than text gets quotes. */
const safely = { version: '1.1', compat: 'core', lineWidth: 0 } as const;

function documentsOf(text: string, options: typeof asKubernetes | typeof asWritten): Document[] {
  return [...(parseAllDocuments(text, options) as Document[])];
}

/** JSON, and what anchors share, is written anew: what is added to one place must not appear in another. */
function manifest(value: unknown, written: Document): Manifest {
  const { contents } = written;
  const isJson = isMap(contents) && contents.flow === true;
  if (!isJson && !hasAnchors(written)) return { value, document: written };
  return { value, document: documentsOf(stringify(value, { ...safely, aliasDuplicateObjects: false }), asWritten)[0]! };
}

function hasAnchors(document: Document): boolean {
  let found = false;
  visit(document, (_key, node) => {
    if (isAlias(node) || (isScalar(node) && node.value === '<<')) found = true;
    return found ? visit.BREAK : undefined;
  });
  return found;
}

/** Whether the dashes of lists stand below the first letter of their field, as in what `kubectl` prints; JSON has none. */
function hasFlushLists(text: string): boolean {
  return /^\s*\{|^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text);
}

function firstLine({ message }: Error): string {
  return message.split(/:?\n/, 1).join();
}
