import fc from 'fast-check';
import { errorMessage } from '../../shared/error-message.ts';
import type { FuzzTarget } from './fuzz-target.ts';

export interface FuzzRun {
  readonly numRuns: number;
  readonly seed: number;
  /** Of one case, as fast-check tells it; its smaller forms are tried from there. */
  readonly path: string | undefined;
  /** Before each case. */
  readonly onCase: () => void;
  /** After each case that was accepted. */
  readonly onAccepted: () => void;
}

/** Tries a target; answers undefined, or what broke it and fast-check's path to the smallest such case. */
export async function runTarget(
  target: FuzzTarget,
  { numRuns, seed, path, onCase, onAccepted }: FuzzRun,
): Promise<{ report: string; path: string } | undefined> {
  await using stack = new AsyncDisposableStack();
  const { arbitrary, holds } = await target.start(stack);
  const property = fc.asyncProperty(arbitrary, async (value) => {
    onCase();
    if (await holds(value)) onAccepted();
  });
  const found = await fc.check(property, { numRuns, seed, endOnFailure: true, ...(path !== undefined && { path }) });
  if (!found.failed) return undefined;
  // A smaller case says more, but there may be no end of trying.
  const again = { numRuns: 1, seed, path: found.counterexamplePath ?? '', interruptAfterTimeLimit: shrinkMs };
  const shrunk = await fc.check(property, again);
  const details = shrunk.counterexample ? shrunk : found;
  const { errorInstance, counterexamplePath } = details;
  const law = errorMessage(errorInstance);
  return { report: `${fc.defaultReportMessage(details)}\n\n${law}`, path: counterexamplePath ?? '' };
}

const shrinkMs = 20_000;
