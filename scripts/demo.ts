/** `npm run demo`: shows the main job on a real control plane; exits 0 if every promise was seen to hold. */
import { printProgress } from '../test/control-plane/progress.ts';
import { BinariesError } from '../test/control-plane/programs.ts';
import { narrateTo } from './demo/narrator.ts';
import { promises } from './demo/promises.ts';
import { runDemo, type DemoOptions } from './demo/run-demo.ts';
import { parseArgs } from 'node:util';
import { buildPrograms } from './build-programs.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort());
const { onProgress, end } = printProgress(process.stderr, Date.now);

try {
  const { keep, broken } = readArguments();
  await buildPrograms();
  const options = { env: process.env, narrator: narrateTo(process.stdout), onProgress, endProgress: end };
  const { broken: failed, unseen } = await runDemo({ ...options, signal: interrupted.signal, keep, broken });
  for (const name of failed) console.error(`did not hold: ${promises[name]}`);
  for (const name of unseen) console.error(`was not seen: ${promises[name]}`);
  if (failed.length + unseen.length > 0) process.exitCode = 1;
} catch (error) {
  end();
  // 130: as a shell reports a program that Ctrl-C ended.
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
  if (!interrupted.signal.aborted) console.error(error instanceof BinariesError ? error.message : error);
}

function readArguments(): Pick<DemoOptions, 'keep' | 'broken'> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean' }, broken: { type: 'string' } } });
  const { keep = false, broken } = values;
  if (broken !== undefined && broken !== 'patch' && broken !== 'sidecar') {
    throw new Error(`--broken=${broken}: accepts patch or sidecar`);
  }
  return { keep, broken };
}
