/** What went wrong lies outside of the program. The message is for the person who started it, and complete: print it without a stack, exit 1. */
export class PlainError extends Error {
  override name = 'PlainError';
}
