import { isScalar, LineCounter, parseDocument, visit, YAMLError, type Document } from 'yaml';
import { mostTold } from '../../shared/settings/problem.ts';

/** What a YAML file says, in texts, lists and mappings alone, or what is wrong with it. */
export type YamlContent = { readonly content: unknown; readonly faults: readonly [] } | YamlFaults;

interface YamlFaults {
  readonly content: null;
  readonly faults: readonly string[];
}

/** Reads YAML of which every value is text as it stands: the number 1.10 would be the label value "1.1", and 0o644 the file mode 420. */
export function readYaml(text: string): YamlContent {
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(text, { ...asText, lineCounter });
    if (document.errors.length > 0) return invalid(document.errors, lineCounter);
    const tags = takeAsText(document, lineCounter);
    if (tags.length > 0) return { content: null, faults: tags };
    return document.warnings.length > 0
      ? invalid(document.warnings, lineCounter)
      : { content: document.toJS(), faults: [] };
  } catch (error) {
    // Aliases are resolved only now: one without an anchor, or so many that they would fill the memory.
    return invalid([error instanceof Error ? error : new Error(String(error))]);
  }
}

// Tags make something else of a value, such as a list of what should be a mapping, and so does YAML 1.1, which a file may ask for.
// Errors with their source are made for each one, and a text may have thousands: in the square of its length.
const asText = {
  version: '1.2',
  schema: 'core',
  stringKeys: true,
  resolveKnownTags: false,
  prettyErrors: false,
} as const;

function invalid(errors: readonly Error[], lines?: LineCounter): YamlFaults {
  const messages = errors.slice(0, mostTold).map((error) => error.message + placeOf(error, lines));
  return { content: null, faults: messages.map((message) => `is no valid YAML: ${message}`) };
}

function placeOf(error: Error, lines: LineCounter | undefined): string {
  if (!(error instanceof YAMLError) || !lines) return '';
  const { line, col } = lines.linePos(error.pos[0]);
  return ` at line ${line}, column ${col}`;
}

/** Makes texts of the numbers and the like; answers what can't be taken as it stands. */
function takeAsText(document: Document, lines: LineCounter): string[] {
  const faults: string[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (isScalar(node) && ['number', 'boolean'].includes(typeof node.value)) node.value = node.source;
      if (!node.tag) return;
      const tag = node.tag.replace('tag:yaml.org,2002:', '!!');
      faults.push(
        `has the tag ${tag} in line ${lines.linePos(node.range?.[0] ?? 0).line}; leave it out, every value is text as it stands`,
      );
    },
  });
  return faults;
}
