import { gzipSync } from 'node:zlib';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine } from './engine.ts';
import { measureImage, type ImageSize } from './image-size.ts';
import { buildUnlessKept } from './kept-build.ts';

const image = 'localhost/app:1';
const content = 'some text that repeats itself, '.repeat(1000);
let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'cat', 'cp']);
  writeFileSync(join(scratch.path, 'archive'), content);
  writeFileSync(join(scratch.path, 'id'), 'sha256:1');
  const folder = scratch.path;
  commands.add('docker', `case $1 in save) cp '${folder}/archive' "$3" ;; tag) ;; image) cat '${folder}/id' ;; esac`);
});
afterEach(() => scratch[Symbol.dispose]());

const place = () => ({ env: { PATH: commands.path }, cacheDirectory: scratch.path });
const { signal } = new AbortController();

async function build(...inputs: string[]): Promise<void> {
  await buildUnlessKept(
    describeEngine('docker', place()),
    { ...place(), tag: image, inputs, signal, onProgress: () => {} },
    async () => readFileSync(join(scratch.path, 'id'), 'utf8'),
  );
}

async function measure(): Promise<ImageSize> {
  return measureImage(
    describeEngine('docker', place()),
    { id: readFileSync(join(scratch.path, 'id'), 'utf8'), name: image },
    { ...place(), signal, onProgress: () => {} },
  );
}

describe('the size of an image', () => {
  const size = { archiveBytes: content.length, gzipBytes: gzipSync(content).length };

  it('is that of its archive, as it is and with gzip; nothing of it is left', async () => {
    expect(await measure()).toEqual(size);
    expect(readdirSync(join(scratch.path, 'sync-sidecar'))).toEqual([]);
  });

  it('is measured once for each that is built', async () => {
    await build('program');
    expect([await measure(), await measure()]).toEqual([size, size]);
    expect(commands.calls().filter((line) => line.startsWith('docker save'))).toHaveLength(1);

    writeFileSync(join(scratch.path, 'id'), 'sha256:2');
    await build('another program');
    await measure();
    expect(commands.calls().filter((line) => line.startsWith('docker save'))).toHaveLength(2);
  });

  it('is measured anew when the engine has another image by that name', async () => {
    await build('program');
    await measure();
    writeFileSync(join(scratch.path, 'id'), 'sha256:of-somebody-else');
    writeFileSync(join(scratch.path, 'archive'), 'x');

    expect(await measure()).toEqual({ archiveBytes: 1, gzipBytes: gzipSync('x').length });
  });
});
