import { isNativeError } from 'node:util/types';

/** An error as the log shows it. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  /** Where it was thrown, a line each; of what only a defect throws. */
  readonly stack?: string;
  readonly cause?: LoggedError;
  /** What an AggregateError gathers. */
  readonly errors?: readonly LoggedError[];
}

// Deeper causes say nothing new, and a cause may be its own cause.
const deepest = 5;

// All others say by their message what failed, and their frames in a bundle nothing more: refused connections, full disks, our own.
const thrownByDefects = ['TypeError', 'RangeError', 'ReferenceError', 'URIError', 'AssertionError'];

/**
 * Type, message, code, place and causes of an error, and nothing else that it may carry: a system error of an HTTP connection has
 * the bytes that it could not parse in it, others the whole request. The message of a parser is left out, as it quotes what it read.
 */
export function describeError(error: unknown, depth = 0): LoggedError {
  if (!isError(error)) return { type: typeof error, message: 'not an error' };
  const { code } = error as { code?: unknown };
  const stack = thrownByDefects.includes(error.name) ? placesOf(error) : '';
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: quotesItsInput(error) ? 'it is not well-formed' : error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(stack !== '' && { stack }),
    ...(depth < deepest && describeCauses(error, depth + 1)),
  };
}

function describeCauses(error: Error, depth: number): Pick<LoggedError, 'cause' | 'errors'> {
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return {
    ...(isError(cause) && { cause: describeError(cause, depth) }),
    ...(Array.isArray(errors) && { errors: errors.map((one) => describeError(one, depth)) }),
  };
}

/** An error of another realm is no instance of ours, a DOMException (the reason of an abort) is no native one. */
function isError(error: unknown): error is Error {
  return isNativeError(error) || error instanceof Error;
}

/** JSON.parse puts up to ten characters on each side of a fault into its message, YAML parsers whole lines. */
function quotesItsInput({ name }: Error): boolean {
  return name === 'SyntaxError' || name.startsWith('YAML');
}

/** Where an error was thrown, a line each, whatever its type; a stack begins with the message, which may have several lines. */
export function placesOf(error: unknown): string {
  if (!isError(error)) return '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => line.trim()).join('\n');
}
