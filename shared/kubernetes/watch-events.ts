import { MalformedAnswerError, parseAnswer } from './api-failure.ts';
import type { KubernetesObject } from './object.ts';

/** A change of one object. */
export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/**
 * One event of a WATCH. A BOOKMARK's object has nothing but its resourceVersion; an ERROR's object is a Status.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
export type WatchEvent =
  | ObjectEvent
  | { readonly type: 'BOOKMARK'; readonly object: KubernetesObject }
  | { readonly type: 'ERROR'; readonly object: unknown };

const newline = 0x0a;

/** Splits a WATCH answer into its events; throws MalformedAnswerError when it ends within one. */
export async function* watchEvents(chunks: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent, void, void> {
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    // A newline within a string is escaped in JSON, so each one in the bytes ends an event.
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const last = chunk.subarray(start, end);
      const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      start = end + 1;
      yield readEvent(line.toString());
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) throw new MalformedAnswerError('the watch ended within an event');
}

const types: ReadonlySet<unknown> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

function readEvent(line: string): WatchEvent {
  const event = parseAnswer(line);
  if (typeof event !== 'object' || event === null || !('type' in event) || !types.has(event.type)) {
    throw new MalformedAnswerError('the watch sent a line that is no event');
  }
  return event as WatchEvent;
}
