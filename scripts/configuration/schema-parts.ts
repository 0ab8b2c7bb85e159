/** A part of a JSON Schema, draft 07. */
export type Schema = Readonly<Record<string, unknown>>;

/** Text, or a scalar of YAML, which counts as its text. */
export const scalar: Schema = { type: ['string', 'number', 'boolean'] };

/** A mapping with a closed list of fields; a blank one has none. */
export function mapping(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: ['object', 'null'], properties, additionalProperties: false };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** A definition of the same schema. */
export function reference(definition: string): Schema {
  return { $ref: `#/definitions/${definition}` };
}

/** The same with words for people: beside a `$ref` draft 07 ignores them. */
export function described(description: string, schema: Schema): Schema {
  return '$ref' in schema ? { description, allOf: [schema] } : { description, ...schema };
}

/** One of a closed list of words, for an editor to offer; in any case, and white space around it, as settings are read. */
export function generousWords(words: readonly string[]): Schema {
  return { anyOf: [{ enum: words }, { type: 'string', pattern: `^\\s*(${words.map(inAnyCase).join('|')})?\\s*$` }] };
}

/** A regular expression of JSON Schema has no flags. */
function inAnyCase(word: string): string {
  return [...word]
    .map((letter) => (/[a-z]/i.test(letter) ? `[${letter.toUpperCase()}${letter.toLowerCase()}]` : letter))
    .join('');
}
