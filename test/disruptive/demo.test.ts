import { afterEach, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { eventually } from '../eventually.ts';
import { pressCtrlC, startDemo, verdicts, type DemoProgram } from '../product/demo-program.ts';

const demos: DemoProgram[] = [];
afterEach(async () => {
  for (const demo of demos.splice(0)) await demo.close();
});

async function start(...args: string[]): Promise<DemoProgram> {
  const demo = await startDemo({ args });
  demos.push(demo);
  return demo;
}

describe('the demo', () => {
  it('sees every promise hold, ends with 0 and leaves nothing behind', async () => {
    const demo = await start();

    expect(await demo.program.exited).toEqual({ code: 0, signal: null });
    expect(verdicts(demo)).toEqual({ broken: [], unseen: [], closingLine: '8 of 8 promises held, … s' });
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 120_000);

  it('names the injection when the patch is left out', async () => {
    const demo = await start('--broken=patch');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      broken: ['Injection'],
      unseen: [
        'Synced before started',
        'Convergence',
        'Atomic files',
        'Notification',
        'Never without its sidecar',
        'Clear answers',
        'No secret content in logs',
      ],
      closingLine: '0 of 8 promises held, … s; did not hold: Injection; not seen: 7',
    });
    expect(demo.output()).toMatch(/what the webhook added to its pod:\n\n {2}nothing\n/);
  }, 120_000);

  it('names what the sidecar does when the sidecar is killed', async () => {
    const demo = await start('--broken=sidecar');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      broken: ['Convergence', 'Notification'],
      unseen: ['Atomic files', 'No secret content in logs'],
      closingLine: '4 of 8 promises held, … s; did not hold: Convergence, Notification; not seen: 2',
    });
  }, 120_000);

  it.each(['--nonsense', 'patch', '--broken=foo'])(
    'says what it accepts instead of %s, and does nothing',
    async (argument) => {
      const demo = await start('--keep', argument);

      expect(await demo.program.exited).toEqual({ code: 2, signal: null });
      expect(demo.output()).toMatch(/^.*(--nonsense|"patch"|"foo")\n\nusage: npm run demo/);
    },
  );

  it('says why no node can run here, and does nothing', async () => {
    const demo = await startDemo({ args: ['--node'], path: '/not-there' });
    demos.push(demo);

    expect(await demo.program.exited).toEqual({ code: 1, signal: null });
    // What is missing depends on the machine: at least the commands, or that it is another system or another user.
    expect(demo.output()).toMatch(/^A real Kubernetes node can not run here:(\n {2}- .+)+$/);
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  });

  it.each(['A control plane of its own', 'The webhook', 'Changes in the cluster'])(
    'leaves no process and no folder when Ctrl-C comes twice at once after "%s"',
    async (title) => {
      const demo = await start();
      await eventually(() => demo.output().includes(title), { timeoutMs: 60_000 });

      const status = await pressCtrlC(demo);

      expect(status).toEqual({ code: 130, signal: null });
      expect(await readdir(demo.temporaryFolder)).toEqual([]);
    },
    120_000,
  );

  it('keeps all running with --keep until Ctrl-C', async () => {
    const demo = await start('--keep');
    await eventually(() => demo.output().includes('All of it keeps running until Ctrl-C'), { timeoutMs: 60_000 });

    expect(demo.output()).toMatch(/export KUBECONFIG=.*\n.*alias kubectl=/);
    await demo.program.stop('SIGINT', 30_000);
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 120_000);
});
