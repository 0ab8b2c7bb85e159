import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { scriptChannel, type ScriptOptions } from './script-channel.ts';

const changes = { complete: true, written: ['/app/a', '/app/b'], removed: ['/app/c'], objects: ['configmap/x/a'] };

let scratch: ReturnType<typeof scratchFolder>;
let logged: ReturnType<typeof recordingLog>;
const never = new AbortController().signal;

beforeEach(() => {
  scratch = scratchFolder();
  logged = recordingLog();
  for (const folder of ['files', 'tmp']) mkdirSync(at(folder));
});

afterEach(() => scratch[Symbol.dispose]());

const at = (name: string): string => join(scratch.path, name);

function script(text: string): string {
  writeFileSync(at('script'), `#!/bin/sh\n${text}`, { mode: 0o755 });
  return at('script');
}

function channel(options: Partial<ScriptOptions> & { path: string }): ReturnType<typeof scriptChannel> {
  return scriptChannel({
    timeoutMs: 10_000,
    sync: 'dashboards',
    environment: { PATH: process.env['PATH'], NOT_SET: undefined, SYNC_CHANGES_FILE: 'of somebody else' },
    places: { candidates: [at('tmp')], notIn: at('files'), id: '0123456789ab', abandonedMs: 60_000 },
    kill: (pid, signal) => process.kill(pid, signal),
    log: logged.log,
    ...options,
  });
}

describe('script channel', () => {
  it('gives the script the environment of the sidecar and the name of the sync', async () => {
    const path = script(`printf '%s:' "$0" "$SYNC_NAME" "\${NOT_SET-unset}" "\${HOME-unset}" > ${at('out')}`);
    await channel({ path }).deliver(never, changes);
    expect(readFileSync(at('out'), 'utf8')).toBe(`${path}:dashboards:unset:unset:`);
  });

  it('tells the script what has changed, by a file that is gone when the script has ended', async () => {
    const path = script(`cp "$SYNC_CHANGES_FILE" ${at('seen')}; ls ${at('files')} > ${at('files-seen')}`);
    await channel({ path }).deliver(never, changes);
    expect(JSON.parse(readFileSync(at('seen'), 'utf8'))).toEqual({ sync: 'dashboards', ...changes });
    expect([readdirSync(at('tmp')), readFileSync(at('files-seen'), 'utf8')]).toEqual([[], '']);
  });

  it('removes the file when the script has failed, too', async () => {
    const path = script(`cp "$SYNC_CHANGES_FILE" ${at('seen')}; exit 1`);
    await expect(channel({ path }).deliver(never, changes)).rejects.toThrow('ended with status 1');
    expect([existsSync(at('seen')), readdirSync(at('tmp'))]).toEqual([true, []]);
  });

  it('runs the script without the file where there is no place for it, and says so once', async () => {
    const path = script(`echo "\${SYNC_CHANGES_FILE-none}" >> ${at('out')}`);
    const places = {
      candidates: [at('no-folder'), at('files')],
      notIn: at('files'),
      id: '0123456789ab',
      abandonedMs: 60_000,
    };
    const runner = channel({ path, places });
    await runner.deliver(never, changes);
    await runner.deliver(never, changes);
    expect(readFileSync(at('out'), 'utf8')).toBe('none\nnone\n');
    expect(logged.lines.map(({ level, msg, tried }) => [level, msg, tried])).toEqual([
      ['WARNING', 'SCRIPT runs without SYNC_CHANGES_FILE, as there is no place for it', places.candidates],
    ]);
  });

  it('logs for debugging what a script prints that succeeds', async () => {
    await channel({ path: script('echo out; echo err >&2') }).deliver(never, changes);
    expect(logged.lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['DEBUG', 'Script stdout: out'],
      ['DEBUG', 'Script stderr: err'],
    ]);
  });

  it('has nothing to log of a silent script', async () => {
    await channel({ path: script('exit 0') }).deliver(never, changes);
    expect(logged.lines).toEqual([]);
  });
});
