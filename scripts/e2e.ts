// `npm run e2e`: the images, then the tests on a real node. Needs Linux and root.
import { eventually } from '../test/eventually.ts';
import { listNodeCgroups } from '../test/node/cgroups.ts';
import { removeLeftovers, tidyUp } from '../test/node/leftovers.ts';
import { explainRequirements, nodeRequirements } from '../test/node/requirements.ts';
import { readArguments, type E2eArguments } from './e2e/arguments.ts';
import { patternProblem } from './e2e/test-files.ts';
import { printAnswer } from './read-options.ts';
import { runTests } from './run-tests.ts';
import { closingLine } from './tally.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2));
  if ('help' in args) return printAnswer(args);
  if ('problem' in args) return refuse(args.problem);
  const noFile = await patternProblem(args.patterns);
  if (noFile !== undefined) return refuse(noFile);
  const { env, platform, getuid } = process;
  const problems = await nodeRequirements({ platform, uid: getuid?.(), env, signal: new AbortController().signal });
  if (problems.length > 0) return refuse(explainRequirements(problems));
  const removed = await tidyUp({ now: Date.now(), uid: getuid?.() }, (line) => console.log(line));
  if (args.clean) {
    if (removed === 0) console.log('nothing was left');
    return 0;
  }
  const others = await listNodeCgroups();
  const exitCode = await runAll(args);
  await removeNodesBut(others);
  return exitCode;
}

function runAll({ install, patterns }: E2eArguments): Promise<number> {
  const images = ['node', 'scripts/images.ts', ...(install ? ['--install'] : [])];
  return runTests([
    [{ name: 'images', command: images, live: true, required: true }],
    [{ name: 'tests on a real node', jest: ['--selectProjects', 'node', '--', ...patterns], live: true }],
  ]);
}

/** Ctrl-C kills Jest, and with it the nodes, which takes them a moment. In silence: the closing line is the last one. */
async function removeNodesBut(others: readonly string[]): Promise<void> {
  const areGone = async (): Promise<boolean> => {
    await removeLeftovers({ now: Date.now(), uid: process.getuid?.() });
    return (await listNodeCgroups()).every((name) => others.includes(name));
  };
  // Another run may have started a node meanwhile; what is left of ours then, the next start removes.
  await eventually(areGone, { timeoutMs: 5_000, intervalMs: 200 }).catch(() => undefined);
}

/** As a test run of which one test has failed. */
function refuse(problem: string): number {
  console.error(problem);
  console.log(`\n${closingLine({ passed: 0, failed: 1, skipped: 0 })}`);
  return 1;
}
