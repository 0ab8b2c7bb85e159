/** `npm run bench`: our programs beside others; prints a table and keeps figures and chart in `docs/bench`. */
import { availableParallelism } from 'node:os';
import { printProgress } from '../test/control-plane/progress.ts';
import { BinariesError } from '../test/control-plane/programs.ts';
import { readArguments, type BenchArguments } from './bench/arguments.ts';
import { suites } from './bench/suites.ts';
import { report } from './bench/table.ts';

const read = readArguments(process.argv.slice(2), new Map(suites.map(({ name, rows }) => [name, rows])));
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
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  let failures = 0;
  try {
    for (const suite of suites.filter(({ name }) => asked.suite === undefined || name === asked.suite)) {
      const result = await suite.run({
        ...asked,
        rows: asked.rows.filter((row) => suite.rows.includes(row)),
        env: process.env,
        root: process.getuid?.() === 0,
        nodePath: process.execPath,
        facts: { takenOn: today(), cores: availableParallelism(), node: process.versions.node },
        signal: interrupted.signal,
        onProgress,
        onFailure: (what, error) => {
          failures += 1;
          end();
          console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        },
      });
      end();
      process.stdout.write(`\n${report(result, suite.metrics)}\n`);
    }
    return failures > 0 ? 1 : 0;
  } catch (error) {
    end();
    // As a shell reports a program that Ctrl-C ended.
    if (interrupted.signal.aborted) return 130;
    console.error(error instanceof BinariesError ? error.message : error);
    return 1;
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
