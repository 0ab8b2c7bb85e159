import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  bareEnvironment,
  startProcess,
  type ExitStatus,
  type LeashedProcess,
} from '../control-plane/leashed-process.ts';
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

/** The end: which promises did not hold, or were not seen, and the closing line without its time. */
function verdicts({ output }: Demo): { broken: string[]; unseen: string[]; closingLine: string | undefined } {
  const lines = output().trimEnd().split('\n');
  const marked = (mark: string) => lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  return {
    broken: marked('✘ ').map((line) => line.replace(/:.*/, '')),
    unseen: marked('? ').map((line) => line.replace(/:.*/, '')),
    closingLine: lines.at(-1)?.replace(/ \d+ s\b/, ' … s'),
  };
}

/** As Ctrl-C reaches a program that npm runs: from the terminal, and within a millisecond once more from npm. */
async function pressCtrlC({ program }: Demo): Promise<ExitStatus> {
  const status = program.stop('SIGINT', 30_000);
  await setTimeout(1);
  await program.stop('SIGINT', 30_000);
  return status;
}

describe('the demo', () => {
  it('sees every promise hold, ends with 0 and leaves nothing behind', async () => {
    const demo = await startDemo();

    expect(await demo.program.exited).toEqual({ code: 0, signal: null });
    expect(verdicts(demo)).toEqual({ broken: [], unseen: [], closingLine: '8 of 8 promises held, … s' });
    expect(await readdir(demo.temporaryFolder)).toEqual([]);
  }, 120_000);

  it('names the injection when the patch is left out', async () => {
    const demo = await startDemo('--broken=patch');

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
    const demo = await startDemo('--broken=sidecar');

    expect((await demo.program.exited).code).toBe(1);
    expect(verdicts(demo)).toEqual({
      broken: ['Convergence', 'Notification'],
      unseen: ['Atomic files', 'No secret content in logs'],
      closingLine: '4 of 8 promises held, … s; did not hold: Convergence, Notification; not seen: 2',
    });
  }, 120_000);

  it.each(['--nonsense', 'patch', '--broken=foo'])(
    'says in one line what it accepts instead of %s, and does nothing',
    async (argument) => {
      const demo = await startDemo('--keep', argument);

      expect(await demo.program.exited).toEqual({ code: 2, signal: null });
      expect(demo.output()).toBe(
        `The demo accepts --keep, --broken=patch, --broken=sidecar; not ${JSON.stringify(argument)}`,
      );
    },
  );

  it.each(['A control plane of its own', 'The webhook', 'Changes in the cluster'])(
    'leaves no process and no folder when Ctrl-C comes twice at once after "%s"',
    async (title) => {
      const demo = await startDemo();
      await eventually(() => demo.output().includes(title), { timeoutMs: 60_000 });

      const status = await pressCtrlC(demo);

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
