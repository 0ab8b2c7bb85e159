import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Metafile } from 'esbuild';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { bundle } from '../bundle.ts';
import { lazyChunks, programs } from '../programs.ts';
import { bundledPackages } from '../third-party-licenses.ts';
import { images } from './build-images.ts';
import { copiedFiles, parseDockerfile, type Instruction } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const names = ['sidecar', 'webhook'] as const;
type Name = (typeof names)[number];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function instructionsOf(name: Name): Instruction[] {
  return parseDockerfile(read(images[name].dockerfile));
}

/** Those of the last stage, of which the image is. */
function finalStage(name: Name): Instruction[] {
  const all = instructionsOf(name);
  return all.slice(all.findLastIndex((one) => one.name === 'FROM'));
}

function textOf(instruction: string, stage: readonly Instruction[]): string[] {
  return stage.filter(({ name }) => name === instruction).map(({ text }) => text);
}

describe.each(names)('Dockerfile.%s', (name) => {
  it('begins its image from nothing, with the files of the first stage alone', () => {
    const stage = finalStage(name);

    expect(textOf('FROM', stage)).toEqual(['scratch']);
    expect(textOf('COPY', stage).filter((text) => !text.startsWith('--from=files '))).toEqual([]);
    expect(textOf('RUN', stage)).toEqual([]);
  });

  it('takes Node from an image that can be another one, by tag', () => {
    const all = instructionsOf(name);

    expect(all.slice(0, 2)).toEqual([
      { name: 'ARG', text: 'NODE_IMAGE=docker.io/library/node:24-bookworm-slim' },
      { name: 'FROM', text: '${NODE_IMAGE} AS files' },
    ]);
  });

  it('runs Node as runtime.json says', () => {
    const { env, flags } = JSON.parse(read(`${name}/runtime.json`)) as { env: Record<string, string>; flags: string[] };
    const stage = finalStage(name);
    const [entry] = textOf('ENTRYPOINT', stage).map((text) => JSON.parse(text) as string[]);
    const variables = textOf('ENV', stage).flatMap((text) => text.split(/\s+/));

    expect(entry?.slice(entry.indexOf('/usr/local/bin/node'))).toEqual([
      '/usr/local/bin/node',
      ...flags,
      `/app/${name}.cjs`,
    ]);
    expect(variables.filter((one) => !one.startsWith('PATH='))).toEqual(
      Object.entries(env).map(([key, value]) => `${key}=${value}`),
    );
  });

  it('runs as a user without rights, whom the kubelet can tell from root', () => {
    expect(textOf('USER', finalStage(name))).toEqual(['65534:65534']);
  });

  it('says what the image is in labels, and invents no address', () => {
    const labels = textOf('LABEL', finalStage(name)).flatMap((text) =>
      [...text.matchAll(/(\S+)="/g)].map(([, key]) => key),
    );

    expect(labels).toEqual(
      ['title', 'description', 'licenses', 'version'].map((key) => `org.opencontainers.image.${key}`),
    );
  });

  it('says only what buildah 1.28 understands, for every architecture', () => {
    const text = read(images[name].dockerfile);
    const known = ['ARG', 'FROM', 'USER', 'COPY', 'RUN', 'LABEL', 'ENV', 'ENTRYPOINT'];

    expect(instructionsOf(name).filter((one) => !known.includes(one.name))).toEqual([]);
    expect(text).not.toMatch(/<<|--link|--chmod|--mount|--parents/);
    expect(text).not.toMatch(/amd64|x86|arm64|aarch64|--platform/);
    expect(text).not.toMatch(/sha256:/);
  });
});

describe('the programs in the images', () => {
  let outputs: Metafile['outputs'];

  beforeAll(async () => {
    using scratch = scratchFolder();
    const entryPoints = { ...programs, ...lazyChunks };
    const outdir = join(scratch.path, 'dist');
    ({ outputs } = (
      await bundle({ entryPoints, lazy: Object.keys(lazyChunks), root, outdir, version: '0.0.0' })
    ).metafile);
  });

  /** The bundles that a bundle loads, and those that they load. */
  function loadedBy(bundleName: string): string[] {
    const output = Object.entries(outputs).find(([path]) => path.endsWith(`/${bundleName}`))?.[1];
    const chunks = output?.imports.map(({ path }) => path).filter((path) => path.startsWith('./')) ?? [];
    return chunks.flatMap((path) => [path.slice(2), ...loadedBy(path.slice(2))]);
  }

  it.each(names)('%s has beside it what it loads when it needs it, and nothing else', (name) => {
    const copied = copiedFiles(instructionsOf(name)).filter((path) => path.endsWith('.cjs'));
    const needed = [`${name}.cjs`, ...new Set(loadedBy(`${name}.cjs`))];

    expect(copied.sort()).toEqual(needed.map((file) => `dist/${file}`).sort());
    expect(needed.length).toBeGreaterThan(1);
  });

  it.each(names)('%s names the licences of all packages in it', (name) => {
    const inputs = Object.entries(outputs).filter(([path]) =>
      [`${name}.cjs`, ...loadedBy(`${name}.cjs`)].some((file) => path.endsWith(`/${file}`)),
    );
    const packages = bundledPackages({ outputs: Object.fromEntries(inputs) });
    const licences = packages.map((path) => (JSON.parse(read(`${path}/package.json`)) as { license: string }).license);
    const label = textOf('LABEL', finalStage(name)).join(' ');
    const named = /\.licenses="(.*?)"/.exec(label)?.[1]?.split(' AND ') ?? [];

    expect(licences.length).toBeGreaterThan(10);
    // Of several to choose from one will do.
    const unnamed = licences.filter(
      (licence) =>
        !licence
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => named.includes(one)),
    );
    expect(unnamed).toEqual([]);
  });

  it.each(names)('%s has the licences with it', (name) => {
    expect(copiedFiles(instructionsOf(name))).toEqual(expect.arrayContaining(['dist/THIRD-PARTY-LICENSES', 'LICENSE']));
  });

  it.each(names)('%s gets all that is copied in spite of .dockerignore', (name) => {
    const [all, ...exceptions] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const patterns = exceptions.map(
      (line) => new RegExp(`^${line.slice(1).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`),
    );

    expect(all).toBe('*');
    expect(exceptions.filter((line) => !line.startsWith('!'))).toEqual([]);
    expect(copiedFiles(instructionsOf(name)).filter((path) => !patterns.some((pattern) => pattern.test(path)))).toEqual(
      [],
    );
  });
});
