import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine } from './engine.ts';
import { provideNodeImage, type NodeImage } from './node-image.ts';

let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'sleep', 'tr', 'wc']);
});
afterEach(() => scratch[Symbol.dispose]());

/** An engine that has the image once `pull` has succeeded; each pull brings another one. It can't build. */
function addDocker(pull: string): void {
  const there = `'${scratch.path}/there'`;
  commands.add(
    'docker',
    `case "$1 $4" in
      *Env*) echo PATH=/bin; echo NODE_VERSION=24.9.0 ;;
      image*) [ -e ${there} ] && echo "sha256:$(wc -l <${there} | tr -d ' ')" ;;
      pull*) ${pull} && echo >>${there} ;;
      build*) echo "chroot: not permitted" >&2; exit 1 ;;
    esac`,
  );
}

async function provide(choice: { asked?: string; pullLimitMs?: number; refresh?: boolean } = {}): Promise<NodeImage> {
  return provideNodeImage(describeEngine('docker', { env: { PATH: commands.path } }), {
    env: { PATH: commands.path },
    cacheDirectory: scratch.path,
    asked: undefined,
    preferred: 'docker.io/library/node:24',
    refresh: false,
    ...choice,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
}

const pulled = { name: 'docker.io/library/node:24', id: 'sha256:1', nodeVersion: '24.9.0' };
const noNetwork = '{ echo "no such host" >&2; false; }';

describe('the image that Node is taken from', () => {
  it('is pulled once', async () => {
    addDocker('true');

    expect(await provide()).toEqual(pulled);
    expect(await provide()).toEqual(pulled);
    expect(commands.calls().filter((line) => line.startsWith('docker pull'))).toEqual([
      'docker pull docker.io/library/node:24',
    ]);
  });

  it('is pulled anew to be refreshed', async () => {
    addDocker('true');
    await provide();

    expect(await provide({ refresh: true })).toEqual({ ...pulled, id: 'sha256:2' });
  });

  it.each([undefined, pulled.name])('is what is there when a refresh fails (asked for: %s)', async (asked) => {
    addDocker('true');
    await provide();
    addDocker(noNetwork);

    expect(await provide({ refresh: true, ...(asked && { asked }) })).toEqual({
      ...pulled,
      note: "It is what is here by that name; pulled anew it can't be: no such host",
    });
  });

  it('is what is there when a refresh takes too long', async () => {
    addDocker('true');
    await provide();
    addDocker('sleep 60');

    expect(await provide({ refresh: true, pullLimitMs: 500 })).toEqual({
      ...pulled,
      note: "It is what is here by that name; pulled anew it can't be: it took more than 0.5 s",
    });
  });

  it('is the one asked for, without another way', async () => {
    addDocker(noNetwork);

    await expect(provide({ asked: 'registry.example.com/node:24' })).rejects.toThrow(
      'pulling registry.example.com/node:24 failed:\nno such host',
    );
  });

  it('says what to do where it can neither be pulled nor made', async () => {
    addDocker(noNetwork);

    await expect(provide()).rejects.toThrow(
      /^pulling docker.io\/library\/node:24 failed:\nno such host\nAnd none can be made here: .*\nName an image that has Node with --node-image, or make docker.io\/library\/node:24 reachable\.$/,
    );
  });

  // Node's npm package is for Linux alone.
  (process.platform === 'linux' ? it : it.skip)(
    'is not to be another one where the engine fails to build ours',
    async () => {
      addDocker(noNetwork);
      for (const name of ['apt-get', 'dpkg-deb']) commands.add(name, 'exit 1');
      for (const name of ['libc6', 'libgcc-s1', 'libstdc++6', 'busybox-static', 'tini', 'base-files'])
        mkdirSync(join(scratch.path, `sync-sidecar/debian/${name}_1_all`), { recursive: true });

      await expect(provide()).rejects.toThrow(
        /^building localhost\/sync-sidecar-node:\S+ with docker failed:\nchroot: not permitted$/,
      );
    },
  );

  it('is not waited for without end', async () => {
    addDocker('sleep 60');

    await expect(provide({ pullLimitMs: 500 })).rejects.toThrow(
      /^it took more than 0.5 s\nAnd none can be made here: /,
    );
  });
});
