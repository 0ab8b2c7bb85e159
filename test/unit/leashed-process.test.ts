import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bareEnvironment, runCommand, startProcess } from '../control-plane/leashed-process.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';

const env = bareEnvironment('/');
const sh = (script: string) => ({ command: '/bin/sh', args: ['-c', script], env });

describe('a leashed process', () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await createTemporaryFolder('sync-sidecar-leash-');
  });
  afterAll(() => folder.remove());

  it('has the pid that is told, and gives its lines and its exit code', async () => {
    const lines: string[][] = [];
    const started = await startProcess({
      ...sh('echo $$; echo wrong >&2; exit 3'),
      onLine: (line, stream) => lines.push([stream, line]),
    });

    expect(await started.exited).toEqual({ code: 3, signal: null });
    expect(lines.sort()).toEqual([
      ['stderr', 'wrong'],
      ['stdout', String(started.pid)],
    ]);
  });

  it('gets nothing but the environment that is given', async () => {
    const { stdout } = await runCommand({ command: '/usr/bin/env', args: [], env: { ONLY: 'this' } });

    // PWD is the shell's own addition.
    expect(stdout.split('\n').filter((line) => line && !line.startsWith('PWD='))).toEqual(['ONLY=this']);
  });

  it('appends its output to a log file', async () => {
    const logFile = join(folder.path, 'log');
    await (
      await startProcess({ ...sh('echo one'), logFile })
    ).exited;
    await (
      await startProcess({ ...sh('echo two >&2'), logFile })
    ).exited;

    expect(await readFile(logFile, 'utf8')).toBe('one\ntwo\n');
  });

  it('ends by the signal that stop sends', async () => {
    const started = await startProcess(sh('sleep 100'));

    // Not SIGINT: a shell that is about to become the command may swallow that one (see stop).
    expect(await started.stop('SIGHUP')).toEqual({ code: null, signal: 'SIGHUP' });
  });

  it('is killed when it does not end within the grace period', async () => {
    const deaf = Promise.withResolvers<unknown>();
    const started = await startProcess({
      ...sh('trap "" TERM; echo deaf; while :; do sleep 1; done'),
      onLine: deaf.resolve,
    });
    await deaf.promise;

    expect(await started.stop('SIGTERM', 10)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes with it what it has left behind', async () => {
    const pid = Promise.withResolvers<string>();
    await startProcess({ ...sh('sleep 100 & echo $!'), onLine: pid.resolve });

    await eventually(async () => !isAlive(Number(await pid.promise)), { timeoutMs: 5_000 });
  });

  it('ends with code 127 when there is no such command', async () => {
    const { code, stderr } = await runCommand({ command: 'no-such-command', args: [], env });

    expect({ code, stderr }).toEqual({ code: 127, stderr: expect.stringContaining('no-such-command') });
  });
});

describe('a command that is run to its end', () => {
  it('reads its input and gives both outputs whole', async () => {
    const result = await runCommand(sh('cat; printf wrong >&2; exit 1'), 'two\nlines');

    expect(result).toEqual({ code: 1, signal: null, stdout: 'two\nlines', stderr: 'wrong' });
  });

  it('may leave its input unread', async () => {
    const result = await runCommand(sh('exit 0'), 'x'.repeat(1_000_000));

    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  it('is killed by an abort, whose reason is thrown', async () => {
    const abort = new AbortController();
    const running = runCommand({ ...sh('sleep 100'), signal: abort.signal });
    abort.abort(new Error('Ctrl-C'));

    await expect(running).rejects.toThrow('Ctrl-C');
  });
});

describe('a program that is killed', () => {
  it('takes all its processes and its temporary folder with it', async () => {
    const program = spawn(process.execPath, ['--input-type=module', '--eval', parentProgram], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await program.stdout.take(1).toArray()) as Buffer[];
    const { pids, folder } = JSON.parse(String(line)) as { pids: number[]; folder: string };
    expect([...pids.map(isAlive), existsSync(folder)]).toEqual([true, true, true, true]);

    program.kill('SIGKILL');

    await eventually(() => !pids.some(isAlive) && !existsSync(folder), { timeoutMs: 5_000 });
  });
});

/** Starts three processes, the second of which ignores what can be ignored, and a folder. */
const parentProgram = `
  const { startProcess } = await import(${JSON.stringify(new URL('../control-plane/leashed-process.ts', import.meta.url))});
  const { createTemporaryFolder } = await import(${JSON.stringify(new URL('../control-plane/temporary-folder.ts', import.meta.url))});
  const env = ${JSON.stringify(env)};
  const start = async (script) => {
    const { promise, resolve } = Promise.withResolvers();
    const { pid } = await startProcess({ command: '/bin/sh', args: ['-c', script], env, onLine: resolve });
    await promise;
    return pid;
  };
  const pids = [
    await start('echo; exec sleep 100'),
    await start('trap "" HUP INT TERM; echo; while :; do sleep 1; done'),
    await start('echo; exec sleep 100'),
  ];
  const { path: folder } = await createTemporaryFolder('sync-sidecar-parent-');
  console.log(JSON.stringify({ pids, folder }));
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
