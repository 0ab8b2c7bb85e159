import { afterEach, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { eventually } from '../eventually.ts';
import { pressCtrlC, startDemo, verdicts, type DemoProgram } from '../product/demo-program.ts';

const demos: DemoProgram[] = [];
afterEach(async () => {
  for (const demo of demos.splice(0)) await demo.close();
});

async function start(...args: string[]): Promise<DemoProgram> {
  const demo = await startDemo({ args: ['--node', ...args] });
  demos.push(demo);
  return demo;
}

describe('the demo on a node of its own', () => {
  it('sees every promise hold, ends with 0 and leaves nothing behind', async () => {
    const demo = await start();

    expect(await demo.program.exited).toEqual({ code: 0, signal: null });
    expect(verdicts(demo)).toEqual({ broken: [], unseen: [], closingLine: '9 of 9 promises held, … s' });
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 180_000);

  it('names the injection when the patch is left out', async () => {
    const demo = await start('--broken=patch');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toMatchObject({
      broken: ['Injection'],
      closingLine: '0 of 9 promises held, … s; did not hold: Injection; not seen: 8',
    });
  }, 180_000);

  it('names what the sidecar does when the sidecar is stopped', async () => {
    const demo = await start('--broken=sidecar');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      broken: ['Convergence', 'Notification'],
      unseen: ['Atomic files', 'Restarted alone', 'No secret content in logs'],
      closingLine: '4 of 9 promises held, … s; did not hold: Convergence, Notification; not seen: 3',
    });
  }, 180_000);

  it('leaves no process and no folder when Ctrl-C comes while the pod runs', async () => {
    const demo = await start();
    await eventually(() => demo.output().includes('Changes in the cluster'), { timeoutMs: 120_000 });

    expect(await pressCtrlC(demo)).toEqual({ code: 130, signal: null });
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 180_000);
});
