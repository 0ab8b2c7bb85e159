/** Prints what a test has measured, at once, among the names of the tests. */
export function tell(fact: string): void {
  process.stdout.write(`  ${fact}\n`);
}

/** A time for people: 12.3 s, or 45 ms where it is less than a second. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
