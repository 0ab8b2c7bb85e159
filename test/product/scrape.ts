import type { RunningSidecar } from './sidecar-program.ts';

/** The samples of `/metrics` by name and labels, as they stand there: `name{label="value"}`. */
export async function scrape(program: Pick<RunningSidecar, 'health'>): Promise<Map<string, number>> {
  return samplesIn(await program.health('/metrics'));
}

/** The same of a program at a port of the loopback address. */
export async function scrapeAt(port: number): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  return samplesIn({ status: response.status, body: await response.text() });
}

function samplesIn({ status, body }: { status: number; body: string }): Map<string, number> {
  if (status !== 200) throw new Error(`/metrics answers ${status}`);
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The sum of all samples of one metric. */
export function sumOf(samples: ReadonlyMap<string, number>, name: string): number {
  const own = [...samples].filter(([key]) => key === name || key.startsWith(`${name}{`));
  return own.reduce((sum, [, value]) => sum + value, 0);
}
