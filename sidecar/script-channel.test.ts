import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../test/eventually.ts';
import { scratchFolder } from '../test/scratch-folder.ts';
import { scriptChannel } from './script-channel.ts';

let scratch: ReturnType<typeof scratchFolder>;
const never = new AbortController().signal;

beforeEach(() => {
  scratch = scratchFolder();
});

afterEach(() => scratch[Symbol.dispose]());

const at = (name: string): string => join(scratch.path, name);

function script(text: string, { mode = 0o755, name = 'script' } = {}): string {
  writeFileSync(at(name), text, { mode });
  return at(name);
}

function run(path: string, { timeoutMs = 10_000, signal = never } = {}): Promise<void> {
  const environment = { PATH: process.env['PATH'], SYNC_NAME: 'dashboards', NOT_SET: undefined };
  return scriptChannel({ path, timeoutMs, environment }).deliver(signal);
}

/** The message of a run that fails. */
async function failureOf(path: string, options?: Parameters<typeof run>[1]): Promise<string> {
  const error: unknown = await run(path, options).then(
    () => 'it did not fail',
    (failure: unknown) => failure,
  );
  return error instanceof Error ? error.message : String(error);
}

describe('script channel', () => {
  it('runs an executable script as it is, with the environment that it was given', async () => {
    const path = script(
      `#!/usr/bin/env -S sh -e\nprintf '%s:' "$0" "$SYNC_NAME" "\${NOT_SET-unset}" "\${HOME-unset}" > ${at('out')}\n`,
    );
    await run(path);
    expect(readFileSync(at('out'), 'utf8')).toBe(`${path}:dashboards:unset:unset:`);
  });

  it('runs a script that is not executable with sh', async () => {
    await run(script(`echo "$SYNC_NAME" > ${at('out')}`, { mode: 0o644 }));
    expect(readFileSync(at('out'), 'utf8')).toBe('dashboards\n');
  });

  it('fails with what the script says on stderr, shortened', async () => {
    const path = script('#!/bin/sh\necho out\necho "no config" >&2\nexit 3\n');
    expect(await failureOf(path)).toBe(`${path} ended with status 3: no config`);
    const long = script('#!/bin/sh\nfor n in $(seq 3000); do echo long; done >&2\nexit 1', { name: 'long' });
    expect((await failureOf(long)).length).toBeLessThan(5000);
    const silent = script('#!/bin/sh\nkill -TERM $$', { name: 'silent' });
    expect(await failureOf(silent)).toBe(`${silent} ended with SIGTERM: nothing on stderr`);
  });

  it('fails when there is no such script, or it can not be run', async () => {
    expect(await failureOf(at('none'))).toMatch(`${at('none')} ended with status`);
    const path = script('#!/no/such/interpreter\n', { name: 'broken' });
    expect(await failureOf(path)).toBe(`${path} could not be run: nothing on stderr`);
  });

  it('kills a script at its time limit', async () => {
    const path = script('#!/bin/sh\nexec sleep 60\n');
    expect(await failureOf(path, { timeoutMs: 50 })).toBe(`${path} was killed after 0.05 s: nothing on stderr`);
  });

  it('kills a script when it is told to end', async () => {
    const path = script(`#!/bin/sh\necho $$ > ${at('pid')}\nexec sleep 60\n`);
    const stop = new AbortController();
    const running = failureOf(path, { signal: stop.signal });
    const pid = await eventually(() => existsSync(at('pid')) && Number(readFileSync(at('pid'), 'utf8')), {
      timeoutMs: 5000,
    });
    stop.abort();
    expect(await running).toBe(`${path} was killed, as the sidecar ends: nothing on stderr`);
    await eventually(() => !isAlive(pid), { timeoutMs: 5000 });
  });

  it('does not wait for what a script leaves running', async () => {
    const leave = (status: number): string =>
      `#!/bin/sh\nsleep 60 & echo $! >> ${at('pids')}\necho done >&2\nexit ${status}\n`;
    const began = performance.now();
    await run(script(leave(0)));
    expect(await failureOf(script(leave(1), { name: 'failing' }))).toBe(`${at('failing')} ended with status 1: done`);
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const pid of readFileSync(at('pids'), 'utf8').trim().split('\n')) process.kill(Number(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
