import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { unpackDebianPackages, type UnpackedPackages } from './debian-packages.ts';

const architecture = arch() === 'x64' ? 'amd64' : arch();
/**
 * Knows the packages that stand in `lists`, of the machine or in our cache, a line each, as apt-get prints them; `mirror` has the files that
 * can be fetched, and can be asked for new lists.
 */
const fakeApt = `
  lists=$FAKE/lists
  for argument; do
    case $argument in
      update|download|--print-uris) words="$words $argument" ;;
      Dir::State::lists=*) lists=\${argument#*=}/lists; words="$words ours" ;;
    esac
  done
  echo "apt-get$words" >> "$FAKE/calls"
  case $words in
    *' update') cp "$FAKE/new-lists" "$lists" 2>/dev/null || { echo 'E: no network' >&2; exit 100; } ;;
    *--print-uris) cat "$lists" 2>/dev/null || { echo 'E: Unable to locate package' >&2; exit 100; } ;;
    *) cp "$FAKE"/mirror/*.deb . || { echo 'E: no network' >&2; exit 100; } ;;
  esac
`;
const fakeDpkg = `echo "dpkg-deb $1" >> "$FAKE/calls"; mkdir "$3"; [ -s "$2" ] && cp "$2" "$3/content"`;

let scratch: ReturnType<typeof scratchFolder>;
let fake: string;
let cache: string;
let steps: string[];

beforeEach(() => {
  scratch = scratchFolder();
  fake = scratch.path;
  cache = join(fake, 'sync-sidecar/debian');
  steps = [];
  mkdirSync(join(fake, 'bin'));
  mkdirSync(join(fake, 'mirror'));
  mkdirSync(cache, { recursive: true });
  writeCommand('apt-get', fakeApt);
  writeCommand('dpkg-deb', fakeDpkg);
});
afterEach(() => scratch[Symbol.dispose]());

function writeCommand(name: string, script: string): void {
  writeFileSync(join(fake, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function write(name: 'lists' | 'new-lists', ...versions: string[]): void {
  const lines = versions.map((file) => `'http://mirror/pool/${file}.deb' ${file}.deb 267204 SHA256:0`);
  writeFileSync(join(fake, name), `${lines.join('\n')}\n`);
}

function calls(): string[] {
  return readFileSync(join(fake, 'calls'), 'utf8').trim().split('\n');
}

async function unpack(names: string[], path = `${join(fake, 'bin')}:/usr/bin:/bin`): Promise<UnpackedPackages> {
  return unpackDebianPackages(names, {
    env: { XDG_CACHE_HOME: fake, PATH: path, FAKE: fake },
    onProgress: ({ step, detail }) => steps.push(`${step}${detail ? `, ${detail}` : ''}`),
    signal: new AbortController().signal,
  });
}

describe('Debian packages', () => {
  it('are fetched in the version that apt-get would install, and unpacked', async () => {
    write('lists', 'tini_2_all', 'libc6_2_all');
    writeFileSync(join(fake, 'mirror/tini_2_all.deb'), 'tini');
    writeFileSync(join(fake, 'mirror/libc6_2_all.deb'), 'libc6');

    const folders = await unpack(['tini', 'libc6']);

    expect(folders).toEqual({ tini: join(cache, 'tini_2_all'), libc6: join(cache, 'libc6_2_all') });
    expect(readFileSync(join(cache, 'tini_2_all/content'), 'utf8')).toBe('tini');
    expect(readdirSync(cache).sort()).toEqual(['libc6_2_all', 'tini_2_all']);
    expect(steps).toEqual(['fetching from Debian: tini, libc6, 0.6 MB']);
  });

  it('are not fetched where they are cached in that version', async () => {
    write('lists', 'tini_2_all');
    mkdirSync(join(cache, 'tini_2_all'));

    expect(await unpack(['tini'])).toEqual({ tini: join(cache, 'tini_2_all') });
    expect(calls()).toEqual(['apt-get download --print-uris']);
  });

  it("are looked for in lists of our own, which are kept, when the machine's don't have them", async () => {
    write('new-lists', 'tini_2_all');
    writeFileSync(join(fake, 'mirror/tini_2_all.deb'), 'tini');

    expect(await unpack(['tini'])).toEqual({ tini: join(cache, 'tini_2_all') });
    expect(steps).toEqual([
      'reading the package lists of Debian into our cache (apt-get update)',
      'fetching from Debian: tini, 0.3 MB',
    ]);
    expect(calls().filter((line) => line.includes('update'))).toEqual(['apt-get ours update']);
    expect(existsSync(join(fake, 'lists'))).toBe(false);

    expect(await unpack(['tini'])).toEqual({ tini: join(cache, 'tini_2_all') });
    expect(steps).toHaveLength(2);
  });

  it("are looked for anew when the mirror has no more what the machine's lists and ours name", async () => {
    write('lists', 'tini_1_all');
    mkdirSync(join(fake, 'sync-sidecar/apt/lists'), { recursive: true });
    cpSync(join(fake, 'lists'), join(fake, 'sync-sidecar/apt/lists/lists'));
    write('new-lists', 'tini_2_all');
    writeFileSync(join(fake, 'mirror/tini_2_all.deb'), 'tini');

    expect(await unpack(['tini'])).toEqual({ tini: join(cache, 'tini_2_all') });
    expect(readFileSync(join(fake, 'lists'), 'utf8')).toContain('tini_1_all');
  });

  it("leave the machine's cache of apt-get alone", async () => {
    write('lists', 'tini_2_all');
    writeCommand('apt-get', `echo "$*" >> "$FAKE/arguments"; ${fakeApt}`);
    await unpack(['tini']).catch(() => {});

    const lines = readFileSync(join(fake, 'arguments'), 'utf8').trim().split('\n');
    const ours = `-o Dir::Cache=${join(fake, 'sync-sidecar/apt/cache')} `;
    expect(lines.filter((line) => !line.includes(ours))).toEqual([]);
  });

  it('come from the cache in an older version, the youngest there, when there is no network', async () => {
    write('lists', 'tini_3_all');
    const ofOther = architecture === 'arm64' ? 'amd64' : 'arm64';
    const inCache = [`tini_1_${architecture}`, 'tini_2_all', `tini_9_${ofOther}`, 'tinis_9_all'];
    inCache.forEach((name, index) => {
      mkdirSync(join(cache, name));
      utimesSync(join(cache, name), index, index);
    });

    expect(await unpack(['tini'])).toEqual({ tini: join(cache, 'tini_2_all') });
  });

  it('are not there in part when unpacking fails', async () => {
    write('lists', 'tini_2_all');
    writeFileSync(join(fake, 'mirror/tini_2_all.deb'), '');

    await expect(unpack(['tini'])).rejects.toThrow("Debian's packages tini can't be had.");
    expect(readdirSync(cache)).toEqual([]);
  });

  it("say in apt-get's words why they can't be had, and what to try", async () => {
    await expect(unpack(['tini'])).rejects.toThrow(
      "Debian's packages tini can't be had. They are needed once, and taken from the mirrors that apt-get is set up with.\n" +
        'Try `apt-get update` as root, then `apt-get download tini`. apt-get said:\n' +
        'E: no network\nE: Unable to locate package',
    );
  });

  it('need a machine that has apt-get', async () => {
    await expect(unpack(['tini'], '/nowhere')).rejects.toThrow(
      "tini would be taken from Debian's packages, but there is no apt-get in PATH. Run this on Debian or Ubuntu.",
    );
  });
});
