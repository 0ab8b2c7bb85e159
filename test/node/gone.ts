/** For `catch`: undefined if what was looked for is not there (any more); others remove things too. */
export function ifGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
