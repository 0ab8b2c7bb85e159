import { isAlias, isMap, isPair, isScalar, parseAllDocuments, stringify, visit, type Document } from 'yaml';
import { withLastLineEnd } from './text-edits.ts';

/** One document of a file of manifests. */
export interface Manifest {
  readonly value: unknown;
  /** The same as it is written, with the places in the text, and with quotes and numbers as they stand there. */
  readonly document: Document;
}

/** A file, YAML or JSON. */
export interface ManifestFile {
  readonly text: string;
  readonly manifests: readonly Manifest[];
}

/** Reads YAML as Kubernetes does, and keeps how it is written. */
export function readManifests(given: string): ManifestFile | { readonly faults: readonly string[] } {
  const text = withLastLineEnd(given);
  const read = documentsOf(text, asKubernetes);
  const faults = read.flatMap(({ errors }) => errors.map(firstLine));
  if (faults.length > 0) return { faults: templateFault(text) ?? faults };
  try {
    const written = documentsOf(text, asWritten);
    const all = read.map((document, index) => ({ value: document.toJS() as unknown, document: written[index]! }));
    if (all.some(({ value }) => leadsToItself(value))) return { faults: ['an alias stands within what it stands for'] };
    return { text, manifests: all.filter(({ value }) => value !== null && value !== undefined) };
  } catch (error) {
    // Aliases are resolved only now: one without an anchor, or so many that they would fill the memory.
    return { faults: [firstLine(error as Error)] };
  }
}

/** YAML can say what no JSON can: `&all { again: *all }`. */
function leadsToItself(value: unknown, within: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return within.includes(value) || Object.values(value).some((part) => leadsToItself(part, [...within, value]));
}

/** Whether a document has no lines to which something could be added there alone: JSON, what aliases share, and fields without a colon. */
export function isWrittenAnew({ document }: Manifest): boolean {
  return (isMap(document.contents) && document.contents.flow === true) || hasShorthands(document);
}

/** A value as YAML that means the same to every reader: what 1.1 or 1.2 would take for something else than text gets quotes. */
export function yamlOf(value: unknown, indentSeq: boolean): string {
  // A long line stays one: a diff shows what was added, and nothing else.
  return stringify(value, { version: '1.1', compat: 'core', lineWidth: 0, aliasDuplicateObjects: false, indentSeq });
}

/** The node of a value. */
export function nodeOf(value: unknown): unknown {
  return writtenDocument(yamlOf(value, true)).contents;
}

/** A document in which all is text: nothing is understood, so nothing is written otherwise. */
export function writtenDocument(text: string): Document {
  return documentsOf(text, asWritten)[0]!;
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

/** All is text: nothing is understood, so nothing is written otherwise. */
export const asWritten = { schema: 'failsafe' } as const;

function documentsOf(text: string, options: typeof asKubernetes | typeof asWritten): Document[] {
  return [...(parseAllDocuments(text, options) as Document[])];
}

/** What is wrong with a Helm chart's template is nothing that a reader of YAML could tell. */
function templateFault(text: string): string[] | undefined {
  const line = text.split('\n').findIndex((content) => content.includes('{{')) + 1;
  return line === 0
    ? undefined
    : [`line ${line} has {{, so it is a template: render what \`helm template\` makes of it`];
}

function hasShorthands(document: Document): boolean {
  let found = false;
  visit(document, (_key, node) => {
    if (isAlias(node) || (isScalar(node) && node.value === '<<') || (isPair(node) && node.value === null)) found = true;
    return found ? visit.BREAK : undefined;
  });
  return found;
}

function firstLine({ message }: Error): string {
  return message.split(/:?\n/, 1).join();
}
