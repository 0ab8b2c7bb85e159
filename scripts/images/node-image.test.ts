import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeEngine } from './engine.ts';
import { provideNodeImage, type NodeImage } from './node-image.ts';

let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'sleep', 'touch']);
});
afterEach(() => scratch[Symbol.dispose]());

/** An engine that has the image once `pull` has succeeded. */
function addDocker(pull: string): void {
  const there = `'${scratch.path}/there'`;
  commands.add(
    'docker',
    `case $1 in image) [ -e ${there} ] && echo sha256:1 ;; pull) ${pull} && touch ${there} ;; esac`,
  );
}

async function provide(choice: { asked?: string; pullLimitMs?: number } = {}): Promise<NodeImage> {
  return provideNodeImage(describeEngine('docker', { env: { PATH: commands.path } }), {
    env: { PATH: commands.path },
    cacheDirectory: scratch.path,
    asked: undefined,
    preferred: 'docker.io/library/node:24',
    ...choice,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
}

describe('the image that Node is taken from', () => {
  it('is pulled once', async () => {
    addDocker('true');

    expect(await provide()).toEqual({ name: 'docker.io/library/node:24', id: 'sha256:1' });
    expect(await provide()).toEqual({ name: 'docker.io/library/node:24', id: 'sha256:1' });
    expect(commands.calls().filter((line) => line.startsWith('docker pull'))).toEqual([
      'docker pull docker.io/library/node:24',
    ]);
  });

  it('is the one asked for, without another way', async () => {
    addDocker('{ echo "no such host" >&2; false; }');

    await expect(provide({ asked: 'registry.example.com/node:24' })).rejects.toThrow(
      'pulling registry.example.com/node:24 failed:\nno such host',
    );
  });

  it('says what to do where it can neither be pulled nor made', async () => {
    addDocker('{ echo "no such host" >&2; false; }');

    await expect(provide()).rejects.toThrow(
      /^pulling docker.io\/library\/node:24 failed:\nno such host\nAnd none can be made here: .*\nName an image that has Node with --node-image, or make docker.io\/library\/node:24 reachable\.$/,
    );
  });

  it('is not waited for without end', async () => {
    addDocker('sleep 60');

    await expect(provide({ pullLimitMs: 500 })).rejects.toThrow(
      /^it took more than 0.5 s\nAnd none can be made here: /,
    );
  });
});
