import type { ApiCall } from './resource-path.ts';

/** There was no connection to the API server, or it broke before the answer was complete. */
export class ApiConnectionError extends Error {
  override readonly name = 'ApiConnectionError';

  constructor(call: ApiCall, origin: string, cause: NodeJS.ErrnoException) {
    // Node leaves the message empty when it tried several addresses of one name.
    const why = cause.message === '' ? cause.code : cause.message;
    super(`cannot ${call.verb} ${call.resource}: connection to ${origin} failed: ${why}`, { cause });
  }
}

/** The API server was silent for too long: no answer, or no byte more of it. */
export class ApiTimeoutError extends Error {
  override readonly name = 'ApiTimeoutError';

  constructor(call: ApiCall, missing: 'answer' | 'byte', ms: number) {
    super(`cannot ${call.verb} ${call.resource}: no ${missing} from the API server for ${ms / 1000} s`);
  }
}

/** An answer ended early, or is not what the API promises. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
}

/** Parses JSON of the API server; throws MalformedAnswerError. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Without the cause: the message of a SyntaxError quotes the text, and that may be a Secret's.
    throw new MalformedAnswerError(`the API server sent ${text.length} characters that are no JSON document`);
  }
}
