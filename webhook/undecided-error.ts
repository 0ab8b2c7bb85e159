/** A review can't be decided. The message is for who sent the object, and says nothing secret; the failurePolicy decides. */
export class UndecidedError extends Error {
  override readonly name = 'UndecidedError';
}
