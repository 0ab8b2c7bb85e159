import { isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';

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
    const document = parseDocument(text, { ...asText, lineCounter, prettyErrors: true });
    if (document.errors.length > 0) return invalid(document.errors);
    const tags = takeAsText(document, lineCounter);
    if (tags.length > 0) return { content: null, faults: tags };
    return document.warnings.length > 0 ? invalid(document.warnings) : { content: document.toJS(), faults: [] };
  } catch (error) {
    // Aliases are resolved only now: one without an anchor, or so many that they would fill the memory.
    return invalid([error instanceof Error ? error : new Error(String(error))]);
  }
}

// Tags make something else of a value, such as a list of what should be a mapping, and so does YAML 1.1, which a file may ask for.
const asText = { version: '1.2', schema: 'core', stringKeys: true, resolveKnownTags: false } as const;

/** The first line of a message says what and where; the others show the source. */
function invalid(errors: readonly Error[]): YamlFaults {
  const messages = errors.map(({ message }) => message.split(/:?\n/, 1).join());
  return { content: null, faults: messages.map((message) => `is no valid YAML: ${message}`) };
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
