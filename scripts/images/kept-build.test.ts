import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine, type Engine } from './engine.ts';
import { buildImage, saveImage } from './image.ts';
import { buildUnlessKept, type BuiltOrKept } from './kept-build.ts';

/** Images are files, called by their names and their ids, with the id in them; the first argument after `build` has the id of the new one. */
const fakeDocker = `
  case $1 in
    image) cat "$IMAGES/$5" ;;
    tag) cp "$IMAGES/$2" "$IMAGES/$3" ;;
    save) cp "$IMAGES/$4" "$3" ;;
    build) cp "$IMAGES/next" "$7"; cp "$7" "$IMAGES/$5"; cp "$7" "$IMAGES/$(cat "$7")" ;;
  esac
`;
const tag = 'app:1';
let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;
let engine: Engine;
let builds: number;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'cat', 'cp']);
  commands.add('docker', fakeDocker);
  engine = describeEngine('docker', { env: { PATH: commands.path, IMAGES: scratch.path } });
  builds = 0;
});
afterEach(() => scratch[Symbol.dispose]());

const watch = { onProgress: () => {}, signal: new AbortController().signal };

/** As a checkout with these inputs does it; a checkout alone has its cache to itself. */
async function build(inputs: string[], { name = tag, checkout = '' } = {}): Promise<BuiltOrKept> {
  const place = { env: {}, cacheDirectory: join(scratch.path, checkout) };
  return buildUnlessKept(engine, { ...place, ...watch, tag: name, inputs }, () => {
    builds += 1;
    writeFileSync(join(scratch.path, 'next'), `id-${builds}`);
    return buildImage(engine, { dockerfile: 'Dockerfile', context: '.', tag: name }, watch);
  });
}

function named(name: string): string {
  return readFileSync(join(scratch.path, name), 'utf8');
}

describe('an image', () => {
  it('is built once from the same inputs', async () => {
    expect(await build(['node', 'program'])).toEqual({ id: 'id-1', built: true });
    expect(await build(['node', 'program'])).toEqual({ id: 'id-1', built: false });
  });

  it('is built anew when an input has changed, or begins elsewhere', async () => {
    await build(['node', 'program']);

    expect(await build(['node', 'programs'])).toEqual({ id: 'id-2', built: true });
    expect(await build(['nodep', 'rograms'])).toEqual({ id: 'id-3', built: true });
  });

  it('gets its name back from one that was built elsewhere', async () => {
    await build(['node']);
    await build(['node of somebody else'], { checkout: 'elsewhere' });
    expect(named(tag)).toBe('id-2');

    expect(await build(['node'])).toEqual({ id: 'id-1', built: false });
    expect(named(tag)).toBe('id-1');
  });

  it('is built anew when a checkout with the same cache has built another one by its name', async () => {
    await build(['node']);
    await build(['node of another checkout']);

    expect(await build(['node'])).toEqual({ id: 'id-3', built: true });
  });

  it('is saved as it was built here, with its name, though another checkout has built one by that name since', async () => {
    const { id } = await build(['node']);
    await build(['node of another checkout']);

    const path = join(scratch.path, 'archive');
    await saveImage(engine, { id, name: tag, path }, watch);

    expect(readFileSync(path, 'utf8')).toBe('id-1');
    expect(commands.calls().at(-1)).toBe(`docker save --output ${path} ${tag}`);
  });

  it('is built anew when the engine has it no more', async () => {
    await build(['node']);
    commands.add('docker', `[ $1 = image ] && [ $5 = id-1 ] && exit 1\n${fakeDocker}`);

    expect(await build(['node'])).toEqual({ id: 'id-2', built: true });
  });

  it('is kept beside others', async () => {
    await build(['node']);
    await build(['node'], { name: 'other:1' });

    expect(await build(['node'])).toEqual({ id: 'id-1', built: false });
  });

  it('is built anew when what was remembered is damaged', async () => {
    await build(['node']);
    writeFileSync(join(scratch.path, 'sync-sidecar/images-of-docker.json'), '{"localhost/a');

    expect(await build(['node'])).toEqual({ id: 'id-2', built: true });
    expect(await build(['node'])).toEqual({ id: 'id-2', built: false });
  });
});
