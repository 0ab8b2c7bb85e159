import { isMap, isNode, isScalar, parseDocument, type Node, type YAMLMap } from 'yaml';

/** A value of the chart as values.yaml has it. */
export interface ChartValue {
  /** Its name and those of the values that it is in, such as `image.tag`. */
  readonly name: string;
  /** The comment above it. */
  readonly meaning: string;
  readonly default: unknown;
  /** The values in it, where they have comments of their own; null where it is one value, whatever its form. */
  readonly values: readonly ChartValue[] | null;
}

/** Values that a line `## TITLE` stands above. */
export interface ValueGroup {
  readonly title: string;
  readonly values: readonly ChartValue[];
}

/**
 * What a values.yaml says, comments included. The paragraph next to a value is about it. Throws when a value has no comment, or the first
 * one no title above it.
 */
export function readValues(text: string): ValueGroup[] {
  const { contents, commentBefore } = parseDocument(text);
  if (!isMap(contents)) throw new Error('values.yaml: is no map');
  const groups: { title: string; values: ChartValue[] }[] = [];
  for (const entry of entriesOf(contents, commentBefore)) {
    // The parser has taken one `#` away.
    const title = /^# +(.+)$/m.exec(entry.comment)?.[1];
    if (title !== undefined) groups.push({ title, values: [] });
    const group = groups.at(-1);
    if (!group) throw new Error(`values.yaml: no line "## TITLE" stands above ${entry.key}`);
    group.values.push(valueOf(entry, ''));
  }
  return groups;
}

interface Entry {
  readonly key: string;
  readonly value: Node;
  readonly comment: string;
}

/** The entries of a map; what stands above its first one, the parser takes for a comment on the map. */
function entriesOf({ items }: YAMLMap, above: string | null | undefined): Entry[] {
  return items.map(({ key, value }, index) => {
    if (!isScalar(key) || !isNode(value)) throw new Error(`values.yaml: ${String(key)} has no value`);
    const comments = [index === 0 ? above : null, key.commentBefore];
    return { key: String(key.value), value, comment: comments.filter(Boolean).join('\n\n') };
  });
}

function valueOf({ key, value, comment }: Entry, parent: string): ChartValue {
  const name = `${parent}${key}`;
  const entries = isMap(value) ? entriesOf(value, value.commentBefore) : [];
  const values = entries.some(hasComment) ? entries.map((entry) => valueOf(entry, `${name}.`)) : null;
  const meaning = nearestParagraph(comment);
  if (meaning === '' && values === null) throw new Error(`values.yaml: no comment stands above ${name}`);
  return { name, meaning, default: value.toJSON() as unknown, values };
}

/** Whether it or something in it has a comment. */
function hasComment({ value, comment }: Entry): boolean {
  return comment !== '' || (isMap(value) && entriesOf(value, value.commentBefore).some(hasComment));
}

function nearestParagraph(comment: string): string {
  const lines = (comment.split('\n\n').at(-1) ?? '').split('\n');
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
