import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../shared/error-message.ts';
import { eventually } from '../../test/eventually.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { runScript, type ScriptOutput, type ScriptRun } from './script-process.ts';

// A machine that is busy takes longer than Jest's 5 s for what takes a tenth of a second.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
const never = new AbortController().signal;
const environment = { PATH: process.env['PATH'], NAME: 'value' };

beforeEach(() => {
  scratch = scratchFolder();
});

afterEach(() => scratch[Symbol.dispose]());

const at = (name: string): string => join(scratch.path, name);

function script(text: string, { mode = 0o755, name = 'script' } = {}): string {
  writeFileSync(at(name), text, { mode });
  return at(name);
}

function run(path: string, options: Partial<ScriptRun> = {}): Promise<ScriptOutput> {
  const kill: ScriptRun['kill'] = (pid, signal) => process.kill(pid, signal);
  return runScript({ path, timeoutMs: 20_000, environment, signal: never, kill, ...options });
}

/** The message of a run that fails. */
async function failureOf(path: string, options?: Partial<ScriptRun>): Promise<string> {
  const error: unknown = await run(path, options).then(
    () => 'it did not fail',
    (failure: unknown) => failure,
  );
  return errorMessage(error);
}

/** The processes whose ids a script has written down, once it has written this many. */
function pidsOf(count: number): Promise<number[]> {
  return eventually(
    () => {
      const pids = existsSync(at('pids')) ? readFileSync(at('pids'), 'utf8').trim().split('\n').map(Number) : [];
      return pids.length === count && pids;
    },
    { timeoutMs: 10_000, intervalMs: 5 },
  );
}

describe('runScript', () => {
  it('runs an executable script as it is, with the environment that it was given', async () => {
    const path = script(`#!/usr/bin/env -S sh -e\nprintf '%s:' "$0" "$NAME" "\${HOME-unset}"`);
    expect(await run(path)).toEqual({ stdout: `${path}:value:unset:`, stderr: '' });
  });

  it('runs with sh what is not executable, and what does not say what it is for', async () => {
    expect(await run(script('echo "$NAME"', { mode: 0o644 }))).toEqual({ stdout: 'value', stderr: '' });
    expect(await run(script('echo "$NAME"', { name: 'plain' }))).toEqual({ stdout: 'value', stderr: '' });
  });

  it('fails with what the script says on stderr', async () => {
    const path = script('#!/bin/sh\necho out\necho "no config" >&2\nexit 3\n');
    expect(await failureOf(path)).toBe(`${path} ended with status 3: no config`);
    const silent = script('#!/bin/sh\nkill -TERM $$', { name: 'silent' });
    expect(await failureOf(silent)).toBe(`${silent} ended with SIGTERM: nothing on stderr`);
  });

  it('keeps the first 4 KiB of what the script prints, however much it is, and no half character', async () => {
    const print = `head -c 4095 /dev/zero | tr '\\0' x; printf 'ä'; head -c 1000000 /dev/zero`;
    const printed = `${'x'.repeat(4095)}…`;
    expect(await run(script(`#!/bin/sh\n${print}`))).toEqual({ stdout: printed, stderr: '' });
    const failing = script(`#!/bin/sh\n{ ${print}; } >&2\nexit 1`, { name: 'failing' });
    expect(await failureOf(failing)).toBe(`${failing} ended with status 1: ${printed}`);
  });

  it('fails with the reason when the script can not be run', async () => {
    expect(await failureOf(at('none'))).toBe(`${at('none')} could not be run: there is no such file`);
    mkdirSync(at('folder'));
    expect(await failureOf(at('folder'))).toBe(`${at('folder')} could not be run: it is not a file`);
    const broken = script('#!/no/such/interpreter\n', { name: 'broken' });
    expect(await failureOf(broken)).toBe(`${broken} could not be run: its interpreter does not exist`);
    const noShell = script('', { name: 'no-shell', mode: 0o644 });
    const options = { environment: { PATH: at('folder') } };
    expect(await failureOf(noShell, options)).toBe(`${noShell} could not be run: its interpreter does not exist`);
    const tooMuch = { environment: { PATH: 'x'.repeat(3_000_000) } };
    expect(await failureOf(script('#!/bin/sh\n'), tooMuch)).toBe(`${at('script')} could not be run: spawn E2BIG`);
  });

  it('does not wait for what a script leaves running', async () => {
    const leave = (status: number): string =>
      `#!/bin/sh\nsleep 60 & echo $! >> ${at('pids')}\necho done >&2\nexit ${status}\n`;
    const began = performance.now();
    expect(await run(script(leave(0)))).toEqual({ stdout: '', stderr: 'done' });
    expect(await failureOf(script(leave(1), { name: 'failing' }))).toBe(`${at('failing')} ended with status 1: done`);
    expect(performance.now() - began).toBeLessThan(10_000);
    const left = await pidsOf(2);
    expect(left.map(isAlive)).toEqual([true, true]);
    for (const pid of left) process.kill(pid);
  });

  it('does not keep its own process from ending because of what a script leaves running', async () => {
    const path = script(`#!/bin/sh\nsleep 60 & echo $! >> ${at('pids')}\n`);
    const options = { path, timeoutMs: 20_000, environment };
    const program = `
      import { runScript } from ${JSON.stringify(join(import.meta.dirname, 'script-process.ts'))};
      await runScript({ ...${JSON.stringify(options)}, signal: new AbortController().signal, kill: () => undefined });`;
    const args = ['--input-type=module', '--eval', program];
    const [status] = (await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')) as [number];
    const [left = 0] = await pidsOf(1);
    expect([status, isAlive(left)]).toEqual([0, true]);
    process.kill(left);
  });
});

/** Starts two more processes, the second one by the first, and waits; they write down their ids. */
const family = (): string =>
  `#!/bin/sh\nsh -c 'sleep 60 & echo $! >> ${at('pids')}; sleep 60' & echo $! >> ${at('pids')}\necho $$ >> ${at('pids')}\nwait\n`;

describe('runScript, a script that does not end', () => {
  it('ends it at its time limit with all that it has started', async () => {
    const path = script(family());
    const ended = failureOf(path, { timeoutMs: 1000 });
    const pids = await pidsOf(3);
    expect(await ended).toBe(`${path} was killed after 1 s: nothing on stderr`);
    await eventually(() => !pids.some(isAlive), { timeoutMs: 5000 });
  });

  it('ends it with all that it has started when it is told to', async () => {
    const path = script(family());
    const stop = new AbortController();
    const ended = failureOf(path, { signal: stop.signal });
    const pids = await pidsOf(3);
    stop.abort();
    expect(await ended).toBe(`${path} was killed, as the sidecar ends: nothing on stderr`);
    await eventually(() => !pids.some(isAlive), { timeoutMs: 5000 });
  });

  it('lets it tidy up, but not for long', async () => {
    const tidy = script(`#!/bin/sh\ntrap 'echo tidy >&2; exit 0' TERM\necho $$ >> ${at('pids')}\nsleep 60 & wait\n`);
    const stop = new AbortController();
    const ended = failureOf(tidy, { signal: stop.signal });
    await pidsOf(1);
    stop.abort();
    expect(await ended).toBe(`${tidy} was killed, as the sidecar ends: tidy`);
  });

  it('kills what it has started and what does not care for SIGTERM', async () => {
    const path = script(`#!/bin/sh\n${deaf()} & wait\n`);
    const stop = new AbortController();
    const ended = failureOf(path, { signal: stop.signal });
    const pids = await pidsOf(1);
    stop.abort();
    expect(await ended).toBe(`${path} was killed, as the sidecar ends: nothing on stderr`);
    await eventually(() => !pids.some(isAlive), { timeoutMs: 5000 });
  });

  it('kills it when it does not care for SIGTERM itself', async () => {
    const path = script(`#!/bin/sh\nexec ${deaf()}\n`);
    const ended = failureOf(path, { timeoutMs: 200 });
    const pids = await pidsOf(1);
    expect(await ended).toBe(`${path} was killed after 0.2 s: nothing on stderr`);
    await eventually(() => !pids.some(isAlive), { timeoutMs: 5000 });
  });
});

/** Writes down its id and waits; only SIGKILL ends it. */
const deaf = (): string => `sh -c "trap '' TERM; echo \\$\\$ >> ${at('pids')}; while sleep 1; do :; done"`;

/** What nobody has waited for yet is a zombie, and dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
