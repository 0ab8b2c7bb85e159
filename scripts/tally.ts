/** How one test ended. A skipped test carries its reason in its name. */
export interface Outcome {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
}

export type Tally = Readonly<Record<Outcome['result'], number>>;

/** Counts the outcomes of any number of runs. */
export function sum(outcomes: readonly Outcome[]): Tally {
  const count = (result: Outcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** The last line of `npm test` and `npm run check`, for people and for programs alike. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A run in which nothing passed has shown nothing, so it has not succeeded. */
export function succeeded({ passed, failed }: Tally): boolean {
  return failed === 0 && passed > 0;
}
