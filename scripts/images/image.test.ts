import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Progress } from '../../test/control-plane/progress.ts';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine, type Engine, type EngineName } from './engine.ts';
import { buildImage, imageId, pushImage, saveImage, type Watch } from './image.ts';

let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;
let progress: Progress[];
let watch: Watch;
let storage: string;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'env', 'sleep']);
  // Only Linux has it.
  commands.add('flock', 'shift; exec "$@"');
  progress = [];
  watch = { onProgress: (one) => progress.push(one), signal: new AbortController().signal };
  const folder = join(scratch.path, 'sync-sidecar/buildah');
  storage = `--storage-driver vfs --root ${folder}/root --runroot ${folder}/run`;
});
afterEach(() => scratch[Symbol.dispose]());

/** Writes the id of what was built to the file that is asked for. */
const writeId = 'for word; do [ "$before" = --iidfile ] && echo sha256:built >"$word"; before=$word; done';

function engine(name: EngineName, script = ''): Engine {
  commands.add(name, `${writeId}\n${script}`);
  return describeEngine(name, { env: { PATH: commands.path, XDG_CACHE_HOME: scratch.path } });
}

const image = { dockerfile: '/src/Dockerfile', context: '/src', tag: 'localhost/app:1' };

describe('building an image', () => {
  it.each(['docker', 'podman'] as const)('is a build of %s', async (name) => {
    await buildImage(engine(name), { ...image, buildArgs: { NODE_IMAGE: 'node:24', VERSION: '1' } }, watch);

    expect(commands.calls()[0]?.replace(/--iidfile \S+/, '--iidfile FILE')).toEqual(
      `${name} build --file /src/Dockerfile --tag localhost/app:1 --iidfile FILE --build-arg NODE_IMAGE=node:24 --build-arg VERSION=1 /src`,
    );
  });

  it("is one of docker's own builder, whatever the environment says, so that docker has what is built", async () => {
    const docker = engine('docker', '[ $1 = build ] && echo "builder $BUILDX_BUILDER"; true');
    const { env, ...words } = describeEngine('docker', { env: { ...docker.env, BUILDX_BUILDER: 'in-a-container' } });

    await buildImage({ ...words, env }, image, watch);

    expect(progress.map(({ detail }) => detail)).toContain('builder default');
  });

  it('needs neither daemon nor kernel features with buildah', async () => {
    await buildImage(engine('buildah'), image, watch);

    expect(commands.calls('buildah')[0]?.replace(/--iidfile \S+/, '--iidfile FILE')).toBe(
      `buildah ${storage} bud --isolation chroot --file /src/Dockerfile --tag localhost/app:1 --iidfile FILE /src`,
    );
  });

  it('answers the id that the engine has for what it has built', async () => {
    const docker = engine('docker', '[ "$1 $5" != "image sha256:built" ] || echo sha256:1');

    expect(await buildImage(docker, image, watch)).toBe('sha256:1');
  });

  it('answers the id by name where the engine does not know the one that it wrote', async () => {
    const docker = engine('docker', 'case "$1 $5" in "image localhost/app:1") echo sha256:2 ;; image*) exit 1 ;; esac');

    expect(await buildImage(docker, image, watch)).toBe('sha256:2');
  });

  it('fails when it is not among the images of the engine', async () => {
    await expect(buildImage(engine('docker', '[ $1 != image ]'), image, watch)).rejects.toThrow(
      'docker has built localhost/app:1, but does not have it among its images.',
    );
  });

  it('shows what the engine says, shortened to a line', async () => {
    await buildImage(engine('docker', `echo 'STEP 1/3: FROM scratch'; echo; echo '${'x'.repeat(100)}'`), image, watch);

    const step = 'building localhost/app:1 with docker';
    expect(progress).toEqual([
      { step },
      { step, detail: 'STEP 1/3: FROM scratch' },
      { step, detail: `${'x'.repeat(59)}…` },
    ]);
  });

  it('fails with the last lines that the engine said', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const failing = engine('docker', `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}; exit 1`);

    await expect(buildImage(failing, image, watch)).rejects.toThrow(
      ['building localhost/app:1 with docker failed:', ...lines.slice(-20)].join('\n'),
    );
  });

  it('ends with the signal, and the engine with it', async () => {
    const abort = new AbortController();
    const building = buildImage(engine('docker', 'sleep 60'), image, {
      ...watch,
      onProgress: () => abort.abort(new Error('Ctrl-C')),
      signal: abort.signal,
    });

    await expect(building).rejects.toThrow('Ctrl-C');
  });
});

describe('an image', () => {
  it.each([
    ['docker', ['tag sha256:1 localhost/app:1', 'save --output PATH localhost/app:1']],
    ['podman', ['tag sha256:1 localhost/app:1', 'save --format docker-archive --output PATH localhost/app:1']],
    ['buildah', ['STORAGE push sha256:1 docker-archive:PATH:localhost/app:1']],
  ] as const)('is saved by %s as what it is, with its name, over what was there', async (name, words) => {
    const path = join(scratch.path, 'image.tar');
    writeFileSync(path, 'an older one');

    await saveImage(engine(name), { id: 'sha256:1', name: 'localhost/app:1', path }, watch);

    expect(commands.calls(name)).toEqual(
      words.map((line) => `${name} ${line}`.replace('PATH', path).replace('STORAGE', storage)),
    );
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['docker', ['tag localhost/app:1 ghcr.io/team/app:1', 'push ghcr.io/team/app:1']],
    ['podman', ['tag localhost/app:1 ghcr.io/team/app:1', 'push ghcr.io/team/app:1']],
    ['buildah', ['STORAGE push localhost/app:1 docker://ghcr.io/team/app:1']],
  ] as const)('is pushed by %s', async (name, words) => {
    await pushImage(engine(name), { image: 'localhost/app:1', target: 'ghcr.io/team/app:1' }, watch);

    expect(commands.calls(name)).toEqual(words.map((line) => `${name} ${line}`.replace('STORAGE', storage)));
  });

  it('has an id where the engine has it', async () => {
    expect(await imageId(engine('docker', 'echo sha256:1'), 'localhost/app:1', watch.signal)).toBe('sha256:1');
    expect(await imageId(engine('podman', 'exit 125'), 'localhost/app:1', watch.signal)).toBeUndefined();
  });
});
