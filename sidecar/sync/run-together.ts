/** A part of something, which runs until its signal ends it, or until it is done. */
export type Part = (signal: AbortSignal) => Promise<void>;

/** Runs parts until all have ended; when one fails, it ends the others, waits for them, and rejects with that failure. */
export async function runTogether(parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const ended = AbortSignal.any([signal, failed.signal]);
  const running = parts.map((part) => part(ended));
  try {
    await Promise.all(running);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
}
