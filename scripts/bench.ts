/** `npm run bench`: our programs beside others; prints a table and keeps figures and chart in `docs/bench`. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../shared/error-message.ts';
import { PlainError } from './plain-error.ts';
import { printProgress } from '../test/control-plane/progress.ts';
import { readArguments, type BenchArguments } from './bench/arguments.ts';
import { chartPath, jsonPath, keepResult } from './bench/kept-results.ts';
import type { SuiteResult } from './bench/metric.ts';
import type { Suite } from './bench/suite.ts';
import { suites } from './bench/suites.ts';
import { report } from './bench/table.ts';

const read = readArguments(process.argv.slice(2), suites);
process.exitCode = 'problem' in read ? refuse(read.problem) : await bench(read);

function refuse(problem: string): number {
  console.error(problem);
  // As shells and their commands report wrong usage.
  return 2;
}

async function bench(asked: BenchArguments): Promise<number> {
  const interrupted = new AbortController();
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  const { signal } = interrupted;
  try {
    let failures = 0;
    for (const suite of suites.filter(({ name }) => asked.suite === undefined || name === asked.suite)) {
      failures += await benchSuite(suite, asked, signal);
    }
    return failures > 0 ? 1 : 0;
  } catch (error) {
    // As a shell reports a program that Ctrl-C ended.
    if (signal.aborted) return 130;
    console.error(error instanceof PlainError ? error.message : error);
    return 1;
  }
}

/** Answers how many measurements failed. */
async function benchSuite(suite: Suite, asked: BenchArguments, signal: AbortSignal): Promise<number> {
  const rows = asked.rows.filter((row) => suite.rows.includes(row));
  if (asked.rows.length > 0 && rows.length === 0) return 0;
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  const failures: string[] = [];
  const onFailure = (what: string, error: unknown): void => {
    failures.push(`${what}: ${errorMessage(error)}`);
  };
  const surroundings = { env: process.env, root: process.getuid?.() === 0, nodePath: process.execPath };
  const facts = { takenOn: today(), cores: availableParallelism(), node: process.versions.node };
  try {
    const result = await suite.run({
      ...asked,
      ...surroundings,
      rows,
      rounds: asked.rounds ?? suite.rounds,
      facts,
      signal,
      onProgress,
      onFailure,
    });
    end();
    process.stdout.write(`\n${report(result, suite)}\n`);
    for (const failure of failures) console.error(failure);
    keep(result, suite, rows.length === 0 && failures.length === 0);
  } finally {
    end();
  }
  return failures.length;
}

function keep(result: SuiteResult, suite: Suite, complete: boolean): void {
  if (complete && result.rounds >= suite.rounds) {
    keepResult(result, suite, join(import.meta.dirname, '..'));
    console.error(
      `kept in ${jsonPath(suite)} and ${chartPath(suite)}; \`npm run generate\` puts the table into the documents`,
    );
  } else {
    console.error(`not kept: ${jsonPath(suite)} is of all rows, ${suite.rounds} rounds or more, without a failure`);
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
