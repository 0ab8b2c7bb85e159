/** `npm run fuzz`: pods, annotations, configuration files, reviews and manifests that nobody expects; the laws must hold for all of them. */
import { printProgress } from '../test/control-plane/progress.ts';
import { readArguments, type FuzzArguments } from './fuzz/arguments.ts';
import { fuzzInThread, type FuzzOutcome } from './fuzz/fuzz-in-thread.ts';
import { targets } from './fuzz/targets.ts';

const read = readArguments(
  process.argv.slice(2),
  targets.map(({ name }) => name),
);
process.exitCode = 'problem' in read ? refuse(read.problem) : await fuzz(read);

function refuse(problem: string): number {
  console.error(problem);
  // As shells and their commands report wrong usage.
  return 2;
}

async function fuzz({ runs, target, path, ...asked }: FuzzArguments): Promise<number> {
  const seed = asked.seed ?? Math.floor(Math.random() * 2 ** 31);
  const chosen = targets
    .filter(({ name }) => target === undefined || name === target)
    .map(({ name, share }) => [name, target === undefined ? Math.ceil((runs * share) / 100) : runs] as const);
  // Before anything else: whatever ends the run, it can be repeated.
  console.log(`seed ${seed}`);
  const started = performance.now();
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  const { cases, held, failures } = await fuzzInThread({ seed, path, chosen }, onProgress).finally(end);
  for (const { target: name, accepted, ...of } of held) {
    console.log(`${name}: ${of.cases} cases, of which ${Math.round((100 * accepted) / of.cases)} % were accepted`);
  }
  for (const failure of failures) tell(failure, seed);
  const result = failures.length === 0 ? 'every law held' : `${failures.length} of ${chosen.length} targets failed`;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`fuzz: ${cases} cases, seed ${seed}, ${seconds} s: ${result}`);
  return failures.length === 0 ? 0 : 1;
}

function tell({ target, report, path }: FuzzOutcome['failures'][number], seed: number): void {
  const again = `npm run fuzz -- --target ${target} --seed ${seed} --path ${path}`;
  console.error(`${target}: ${report}\n\nagain: ${again}\n`);
}
