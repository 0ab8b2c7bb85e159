import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCommands, type FakeCommands } from '../../test/fake-commands.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { findEngine } from './find-engine.ts';

const noDaemon = 'echo "Cannot connect to the Docker daemon" >&2; exit 1';
let scratch: ReturnType<typeof scratchFolder>;
let commands: FakeCommands;
let storage: string;

beforeEach(() => {
  scratch = scratchFolder();
  commands = fakeCommands(scratch.path, ['sh', 'mkdir', 'rm', 'cp', 'sleep', 'chmod']);
  const folder = join(scratch.path, 'sync-sidecar/buildah');
  storage = `--storage-driver vfs --root ${folder}/root --runroot ${folder}/run`;
});
afterEach(() => scratch[Symbol.dispose]());

async function find(install = false, uid = 0): Promise<string> {
  const { name } = await findEngine({
    env: { PATH: commands.path, XDG_CACHE_HOME: scratch.path },
    install,
    uid,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  return name;
}

describe('the program that builds images', () => {
  it('is docker where its daemon answers', async () => {
    for (const name of ['docker', 'podman', 'buildah']) commands.add(name);

    expect(await find()).toBe('docker');
    expect(commands.calls()).toEqual(['docker info']);
  });

  it('is podman where docker has no daemon', async () => {
    commands.add('docker', noDaemon);
    commands.add('podman');

    expect(await find()).toBe('podman');
  });

  it('is buildah where there is nothing else, and is rid of what killed builds have left', async () => {
    commands.add('docker', noDaemon);
    commands.add('buildah');

    // Only Linux has it.
    commands.add('flock', 'shift 2; exec "$@"');

    expect(await find()).toBe('buildah');
    expect(commands.calls('flock')).toEqual([expect.stringMatching('^flock --nonblock ')]);
    expect(commands.calls('buildah')).toEqual([
      `buildah ${storage} info`,
      `buildah ${storage} rm --all`,
      `buildah ${storage} rmi --prune`,
    ]);
  });

  it('is asked for with the command to type, and what each of them says, when there is none', async () => {
    commands.add('docker', noDaemon);

    await expect(find()).rejects.toThrow(
      `No program that builds images can be used:
  docker: Cannot connect to the Docker daemon
  podman: not installed
  buildah: not installed
Start Docker or Podman; or, on Debian or Ubuntu, use buildah, which needs root, but no daemon. As root, install it:
  apt-get install --yes --no-install-recommends buildah
With --install this is done for you.`,
    );
    expect(commands.calls()).toEqual(['docker info']);
  });

  it('is not buildah without root, which its builds need', async () => {
    commands.add('buildah');

    await expect(find(false, 1000)).rejects.toThrow(
      `No program that builds images can be used:
  docker: not installed
  podman: not installed
  buildah: as it is used here, it needs root, and this is user 1000: repeat the command after \`sudo --preserve-env=PATH env\`
Start Docker or Podman, or do what buildah needs.`,
    );
    expect(commands.calls()).toEqual([]);
  });

  it('is not installed without root', async () => {
    commands.add('apt-get');

    await expect(find(true, 1000)).rejects.toThrow(
      '--install needs root, and this is user 1000: repeat the command after `sudo --preserve-env=PATH env`',
    );
    expect(commands.calls()).toEqual([]);
  });

  it('is not there in the words of buildah when it is installed, but does not answer', async () => {
    const broken = '#!/bin/sh\\necho "no /proc" >&2\\nexit 1\\n';
    commands.add('apt-get', `printf '${broken}' >'${commands.path}/buildah'; chmod +x '${commands.path}/buildah'`);

    await expect(find(true)).rejects.toThrow(/^apt-get has installed buildah, but it can't be used: no \/proc$/);
  });

  it('is buildah, installed by --install, after the package lists where there are none', async () => {
    const folder = commands.path;
    commands.add(
      'apt-get',
      `case $1 in update) >'${scratch.path}/lists' ;; install) [ -e '${scratch.path}/lists' ] && cp /usr/bin/true '${folder}/buildah' ;; esac`,
    );

    expect(await find(true)).toBe('buildah');
    expect(commands.calls()).toEqual([
      'apt-get install --yes --no-install-recommends buildah',
      'apt-get update',
      'apt-get install --yes --no-install-recommends buildah',
    ]);
  });

  it('is installed to the end when Ctrl-C comes meanwhile, and not looked for then', async () => {
    const installed = join(scratch.path, 'installed');
    commands.add('apt-get', `sleep 0.5; >'${installed}'`);
    const abort = new AbortController();

    const finding = findEngine({
      env: { PATH: commands.path, XDG_CACHE_HOME: scratch.path },
      install: true,
      uid: 0,
      onProgress: ({ step }) => step === 'installing buildah' && abort.abort(new Error('Ctrl-C')),
      signal: abort.signal,
    });

    await expect(finding).rejects.toThrow('Ctrl-C');
    expect(existsSync(installed)).toBe(true);
    expect(commands.calls('apt-get')).toHaveLength(1);
  });

  it('is not there in the words of apt-get when installing fails', async () => {
    commands.add('apt-get', 'echo "E: are you root?" >&2; exit 100');

    await expect(find(true)).rejects.toThrow(
      'apt-get install --yes --no-install-recommends buildah failed:\nE: are you root?',
    );
  });

  it("can't be installed without apt-get", async () => {
    await expect(find(true)).rejects.toThrow(
      'buildah is installed with apt-get, which is not here. Install and start Docker or Podman yourself.',
    );
  });
});
