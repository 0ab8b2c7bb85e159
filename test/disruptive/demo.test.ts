import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment, startProcess, type LeashedProcess } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';

interface Demo {
  program: LeashedProcess;
  output: () => string;
  /** What the demo has for a temporary folder; its control plane's is within. */
  temporaryFolder: string;
}

const demos: Demo[] = [];

afterEach(async () => {
  for (const { program, temporaryFolder } of demos.splice(0)) {
    await program.stop('SIGINT', 30_000);
    await rm(temporaryFolder, { recursive: true, force: true });
  }
});

async function startDemo(...args: string[]): Promise<Demo> {
  const lines: string[] = [];
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'sync-sidecar-demo-'));
  const { KUBEBUILDER_ASSETS, XDG_CACHE_HOME, PATH } = process.env;
  const program = await startProcess({
    command: process.execPath,
    args: [join(import.meta.dirname, '../../scripts/demo.ts'), ...args],
    env: {
      ...bareEnvironment(homedir()),
      ...(PATH && { PATH }),
      ...(KUBEBUILDER_ASSETS && { KUBEBUILDER_ASSETS }),
      ...(XDG_CACHE_HOME && { XDG_CACHE_HOME }),
      TMPDIR: temporaryFolder,
      // Nobody's cluster is touched: this one must not even be read.
      KUBECONFIG: join(temporaryFolder, 'not-there'),
    },
    onLine: (line) => lines.push(line),
  });
  const demo = { program, output: () => lines.join('\n'), temporaryFolder };
  demos.push(demo);
  return demo;
}

/** The lines at the end: what held and what did not. */
function verdicts({ output }: Demo): { held: number; broken: string[]; unseen: number } {
  const lines = output().split('\n');
  return {
    held: lines.filter((line) => line.startsWith('✔ ')).length,
    broken: lines.filter((line) => line.startsWith('did not hold: ')).map((line) => line.replace('did not hold: ', '')),
    unseen: lines.filter((line) => line.startsWith('was not seen: ')).length,
  };
}

describe('the demo', () => {
  it('sees every promise hold, ends with 0 and leaves nothing behind', async () => {
    const demo = await startDemo();

    expect(await demo.program.exited).toEqual({ code: 0, signal: null });
    expect(verdicts(demo)).toEqual({ held: 8, broken: [], unseen: 0 });
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 120_000);

  it('names the injection when the patch is left out', async () => {
    const demo = await startDemo('--broken=patch');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      held: 0,
      broken: ['An annotated pod gets the sidecar, an unannotated one is never sent to the webhook'],
      unseen: 7,
    });
  }, 120_000);

  it('names what the sidecar does when the sidecar is killed', async () => {
    const demo = await startDemo('--broken=sidecar');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      held: 5,
      broken: [
        'Convergence: the files are what the objects say, after every kind of change',
        'At-least-once notification: after the last change of a burst, and once for many',
      ],
      unseen: 1,
    });
  }, 120_000);

  it.each(['A control plane of its own', 'The webhook', 'Changes in the cluster'])(
    'leaves no process and no folder when Ctrl-C comes after "%s"',
    async (title) => {
      const demo = await startDemo();
      await eventually(() => demo.output().includes(title), { timeoutMs: 60_000 });

      const status = await demo.program.stop('SIGINT', 30_000);

      expect(status).toEqual({ code: 130, signal: null });
      expect(await readdir(demo.temporaryFolder)).toEqual([]);
    },
    120_000,
  );

  it('keeps all running with --keep until Ctrl-C', async () => {
    const demo = await startDemo('--keep');
    await eventually(() => demo.output().includes('All of it keeps running until Ctrl-C'), { timeoutMs: 60_000 });

    expect(demo.output()).toMatch(/export KUBECONFIG=.*\n.*alias kubectl=/);
    await demo.program.stop('SIGINT', 30_000);
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 120_000);
});
