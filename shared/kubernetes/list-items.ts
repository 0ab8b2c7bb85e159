import { MalformedAnswerError, parseAnswer } from './api-failure.ts';
import type { KubernetesObject } from './object.ts';

/** What a LIST answer says beside its items. */
export interface ListRemainder {
  readonly resourceVersion: string;
  /** The token of the next page; absent on the last. */
  readonly continueToken?: string;
}

/**
 * Splits a LIST answer while it arrives: yields the elements of its top-level `items` one at a time and returns the remainder.
 * Only the element under way is held, so memory doesn't grow with the page. Throws MalformedAnswerError when the answer ends
 * early or is no list; what was yielded before then is no complete list.
 */
export async function* listItems(chunks: AsyncIterable<Buffer>): AsyncGenerator<KubernetesObject, ListRemainder, void> {
  const splitter = new ItemSplitter();
  let count = 0;
  for await (const chunk of chunks) {
    for (const item of splitter.push(chunk)) {
      count++;
      yield parseAnswer(item) as KubernetesObject;
    }
  }
  return readRemainder(splitter.remainder, count);
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

// An unescaped quote right after `{` or `,` begins a key: no string of valid JSON can end so.
const itemsKey = /[{,]\s*"items"\s*:\s*$/;

/** Follows brackets and strings through the bytes; it validates nothing, JSON.parse does that with every part. */
class ItemSplitter {
  /** The answer with `0` in place of each item. Bytes as latin1, and a copy: a part of a chunk would keep the whole in memory. */
  remainder = '';
  #depth = 0;
  #inItems = false;
  #inString = false;
  #escaped = false;
  /** The parts of the item under way that came with earlier chunks. */
  #parts: Buffer[] = [];

  *push(chunk: Buffer): Generator<string, void, void> {
    let start = 0;
    for (let at = this.#nextBracket(chunk, 0); at < chunk.length; at = this.#nextBracket(chunk, at + 1)) {
      if (chunk[at] === openBrace || chunk[at] === openBracket) {
        start = this.#open(chunk, start, at);
      } else if (this.#close()) {
        yield this.#take(chunk, start, at + 1);
        start = at + 1;
      }
    }
    if (this.#inItems && this.#depth > 2) this.#parts.push(chunk.subarray(start));
    else this.remainder += chunk.toString('latin1', start);
  }

  /** Notes an opening bracket; gives the position from which on the bytes are not dealt with. */
  #open(chunk: Buffer, start: number, at: number): number {
    const opensItem = this.#inItems && this.#depth === 2;
    const mayOpenItems = this.#depth === 1;
    this.#depth++;
    if (!opensItem && !mayOpenItems) return start;
    this.remainder += chunk.toString('latin1', start, at);
    if (opensItem) this.remainder += '0';
    else this.#inItems = itemsKey.test(this.remainder);
    return at;
  }

  /** Notes a closing bracket; true if it ends an item. */
  #close(): boolean {
    this.#depth--;
    if (this.#depth === 1) this.#inItems = false;
    return this.#inItems && this.#depth === 2;
  }

  #take(chunk: Buffer, start: number, end: number): string {
    if (this.#parts.length === 0) return chunk.toString('utf8', start, end);
    const whole = Buffer.concat([...this.#parts, chunk.subarray(start, end)]);
    this.#parts = [];
    return whole.toString();
  }

  /** The position of the next bracket or brace outside of strings, or the chunk's length. */
  #nextBracket(chunk: Buffer, from: number): number {
    let at = this.#inString ? this.#stringEnd(chunk, from) : from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === quote) at = this.#stringEnd(chunk, at + 1) - 1;
      else if (byte === openBrace || byte === closeBrace || byte === openBracket || byte === closeBracket) return at;
    }
    return chunk.length;
  }

  /** The position behind the string's closing quote, or the chunk's length when it goes on in the next. */
  #stringEnd(chunk: Buffer, from: number): number {
    let at = this.#escaped ? from + 1 : from;
    this.#escaped = false;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === backslash) at++;
      else if (byte === quote) {
        this.#inString = false;
        return at + 1;
      }
    }
    this.#inString = true;
    this.#escaped = at > chunk.length;
    return chunk.length;
  }
}

function readRemainder(remainder: string, count: number): ListRemainder {
  const list = parseAnswer(Buffer.from(remainder, 'latin1').toString());
  if (!isList(list) || (list.items ?? []).length !== count) {
    throw new MalformedAnswerError('the API server answered a LIST with something else');
  }
  const { resourceVersion, continue: continueToken } = list.metadata;
  return { resourceVersion, ...(continueToken && { continueToken }) };
}

interface List {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items?: readonly unknown[] | null;
}

function isList(body: unknown): body is List {
  if (typeof body !== 'object' || body === null || !('metadata' in body)) return false;
  const { metadata } = body;
  if ('items' in body && body.items !== null && !Array.isArray(body.items)) return false;
  return (
    typeof metadata === 'object' &&
    metadata !== null &&
    'resourceVersion' in metadata &&
    typeof metadata.resourceVersion === 'string'
  );
}
