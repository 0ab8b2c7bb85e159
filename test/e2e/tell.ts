/** Prints what a test has measured, at once, among the names of the tests. */
export function tell(fact: string): void {
  process.stdout.write(`  ${fact}\n`);
}

/** Tells how long something took, and answers what it has answered. */
export async function tellDuration<T>(what: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const answer = await run();
  tell(`${what}: ${duration(performance.now() - startedAt)}`);
  return answer;
}

/** A time for people: 12.3 s, or 45 ms where it is less than a second. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
