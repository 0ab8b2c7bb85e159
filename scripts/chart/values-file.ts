import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

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

/** What a values.yaml says, comments included. Throws when a value has no comment, or the first one no title above it. */
export function readValues(text: string): ValueGroup[] {
  const { contents, commentBefore } = parseDocument(text);
  const groups: { title: string; values: ChartValue[] }[] = [];
  for (const value of isMap(contents) ? valuesIn(contents, [], commentBefore) : []) {
    if (value.title !== null) groups.push({ title: value.title, values: [] });
    const group = groups.at(-1);
    if (!group) throw new Error(`values.yaml: no line "## TITLE" stands above ${value.name}`);
    group.values.push(value);
  }
  return groups;
}

function valuesIn(map: YAMLMap, path: readonly string[], above: string | null | undefined) {
  return map.items.map((pair, index) => {
    const { key, comment } = keyOf(pair);
    // A comment above the first name of a map belongs to the map.
    return valueOf(pair, [...path, key], index === 0 ? [above, comment].filter(Boolean).join('\n\n') : comment);
  });
}

function valueOf({ value }: Pair, path: readonly string[], comment: string): ChartValue & { title: string | null } {
  const name = path.join('.');
  const own = isMap(value) && hasComments(value) ? valuesIn(value, path, value.commentBefore) : null;
  const { title, meaning } = readComment(comment);
  if (meaning === '' && own === null) throw new Error(`values.yaml: no comment stands above ${name}`);
  const plain = isMap(value) || !isScalar(value) ? (value as { toJSON(): unknown }).toJSON() : value.value;
  return { name, title, meaning, default: plain, values: own };
}

function hasComments(map: YAMLMap): boolean {
  const inPair = (pair: Pair): boolean => keyOf(pair).comment !== '' || (isMap(pair.value) && hasComments(pair.value));
  return Boolean(map.commentBefore) || map.items.some(inPair);
}

function keyOf({ key }: Pair): { key: string; comment: string } {
  if (!isScalar(key)) throw new Error('values.yaml: a name is no text');
  return { key: String(key.value), comment: key.commentBefore ?? '' };
}

/** The paragraph next to the value is about it; one that begins with `##` is a title. The parser has taken one `#` away. */
function readComment(comment: string): { title: string | null; meaning: string } {
  const title = /^# +(.+)$/m.exec(comment)?.[1] ?? null;
  const nearest = comment.split('\n\n').at(-1) ?? '';
  const lines = nearest.split('\n').filter((line) => !line.startsWith('#'));
  return {
    title,
    meaning: lines
      .map((line) => line.trim())
      .join(' ')
      .trim(),
  };
}
