import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runStages } from './run-stages.ts';
import type { Step } from './steps.ts';
import type { Outcome } from './tally.ts';

const node = process.execPath;
const passing: Step = { name: 'passing', command: [node, '--version'] };
const failing: Step = {
  name: 'failing',
  command: [node, '--eval', 'console.log("what went wrong"); process.exitCode = 3'],
};
const missing: Step = { name: 'missing', command: ['/no/such/program'] };

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stages-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('runStages', () => {
  it('runs every step of every stage, whatever fails', async () => {
    const { outcomes } = await run([[failing, missing], [passing]]);
    expect(outcomes.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'failing (exit code 3)', result: 'failed' },
      { name: "missing (can't be started: spawn /no/such/program ENOENT)", result: 'failed' },
      { name: 'passing', result: 'passed' },
    ]);
  });

  it('runs no further stage when a required step has failed, and says so', async () => {
    const { outcomes, printed } = await run([[{ ...failing, required: true }, passing], [missing, passing], [passing]]);

    expect(outcomes.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'failing (exit code 3)', result: 'failed' },
      { name: 'passing', result: 'passed' },
    ]);
    expect(printed.slice(-3)).toEqual([
      'not run: missing, which needs: failing',
      'not run: passing, which needs: failing',
      'not run: passing, which needs: failing',
    ]);
  });

  it('runs the further stages when a required step has succeeded', async () => {
    const { outcomes } = await run([[{ ...passing, required: true }, failing], [passing]]);

    expect(outcomes).toHaveLength(3);
  });

  it('prints a line for each step, and the output of a failed one whole', async () => {
    expect((await run([[passing], [failing]])).printed).toEqual([
      'ok     passing (0.0 s)',
      'FAILED failing (0.0 s): exit code 3',
      'what went wrong\n',
    ]);
  });

  it('starts a stage when the one before has ended, and two steps of a stage at a time', async () => {
    const log = (name: string): Step => ({
      name,
      command: [
        node,
        '--eval',
        `fs.appendFileSync('log', 'start ${name}\\n'); setTimeout(() => fs.appendFileSync('log', 'end\\n'), 300)`,
      ],
    });
    await run([[log('a'), log('a'), log('a')], [log('b')]]);
    const lines = (await readFile(join(root, 'log'), 'utf8')).trim().split('\n');
    const running = lines.map((_, at) =>
      lines.slice(0, at + 1).reduce((sum, line) => sum + (line === 'end' ? -1 : 1), 0),
    );
    expect(Math.max(...running)).toBe(2);
    expect(lines.slice(-3)).toEqual(['end', 'start b', 'end']);
  });

  it('ends the running step with all that it started, and starts no other, when aborted', async () => {
    const abort = new AbortController();
    // The step ends when its output has ended, which the sleep holds open, too.
    const sleeping: Step = { name: 'sleeping', command: ['sh', '-c', 'sleep 300 & touch started; wait'] };
    const ended = run([[passing], [sleeping], [passing]], abort.signal);
    await until(() => existsSync(join(root, 'started')));
    abort.abort('SIGINT');
    expect((await ended).outcomes).toEqual([{ name: 'passing', result: 'passed' }]);
  });

  async function run(stages: Step[][], signal = new AbortController().signal) {
    const outcomes: Outcome[] = [];
    const printed: string[] = [];
    const print = (text: string) => printed.push(text);
    await runStages(stages, outcomes, { root, env: process.env, signal, print, now: () => 0 });
    return { outcomes, printed };
  }
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
