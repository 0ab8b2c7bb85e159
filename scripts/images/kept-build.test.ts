import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine, type Engine } from './engine.ts';
import { buildUnlessKept } from './kept-build.ts';

let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;
let engine: Engine;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'cat']);
  // An engine with one image: the file `id`.
  commands.add('docker', `cat '${scratch.path}/id' 2>/dev/null`);
  engine = describeEngine('docker', { env: { PATH: commands.path } });
});
afterEach(() => scratch[Symbol.dispose]());

let builds = 0;
async function build(inputs: string[], tag = 'localhost/app:1'): Promise<boolean> {
  const place = { env: {}, cacheDirectory: scratch.path, signal: new AbortController().signal };
  return buildUnlessKept(engine, { ...place, tag, inputs }, async () => {
    builds += 1;
    writeFileSync(join(scratch.path, 'id'), `sha256:${builds}`);
  });
}

describe('an image', () => {
  it('is built once from the same inputs', async () => {
    expect([await build(['node', 'program']), await build(['node', 'program'])]).toEqual([true, false]);
  });

  it('is built anew when an input has changed, or begins elsewhere', async () => {
    await build(['node', 'program']);

    expect(await build(['node', 'programs'])).toBe(true);
    expect(await build(['nodep', 'rograms'])).toBe(true);
  });

  it('is built anew when the engine has another one by its name, or none', async () => {
    await build(['node']);
    writeFileSync(join(scratch.path, 'id'), 'sha256:of-somebody-else');
    expect(await build(['node'])).toBe(true);

    commands.add('docker', 'exit 1');
    expect(await build(['node'])).toBe(true);
  });

  it('is kept beside others', async () => {
    await build(['node'], 'localhost/app:1');
    const { id } = { id: `sha256:${builds}` };
    await build(['node'], 'localhost/other:1');
    writeFileSync(join(scratch.path, 'id'), id);

    expect(await build(['node'], 'localhost/app:1')).toBe(false);
  });

  it('is built anew when what was remembered is damaged', async () => {
    await build(['node']);
    writeFileSync(join(scratch.path, 'sync-sidecar/images-of-docker.json'), '{"localhost/a');

    expect([await build(['node']), await build(['node'])]).toEqual([true, false]);
  });
});
