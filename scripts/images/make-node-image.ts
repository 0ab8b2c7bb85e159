import { cp, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { isExecutable } from '../../test/control-plane/executable.ts';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';
import { PlainError } from '../plain-error.ts';
import { ourCache, type CachePlace } from '../cache-directory.ts';
import { unpackDebianPackages } from './debian-packages.ts';
import type { Engine } from './engine.ts';
import { buildImage, type Watch } from './image.ts';
import { buildUnlessKept } from './kept-build.ts';

/** Node's libraries; the shell and the init that the Dockerfiles use and copy; the texts of the licences. */
const packages = ['libc6', 'libgcc-s1', 'libstdc++6', 'busybox-static', 'tini', 'base-files'];
const nodePackage = join(import.meta.dirname, '../../node_modules', `node-${platform()}-${arch()}`);

/** NODE_VERSION, because the official images of Node have it too. */
const dockerfileFor = (version: string): string => `FROM scratch
COPY files/ /
ENV NODE_VERSION=${version}
ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin
RUN ["busybox", "--install", "-s"]
`;

/** What an image of Node is made from. */
export interface NodeParts {
  version: string;
  /** Of Debian's packages. */
  folders: readonly string[];
}

/** Finds Node's npm package and fetches Debian's packages, which can be had where no image can. Throws a PlainError where they can't. */
export async function fetchNodeParts(options: CachePlace & Watch): Promise<NodeParts> {
  return { version: await versionOfNodePackage(), folders: await unpackPackages(options) };
}

/** Makes an image of Node, which has what Dockerfile.sidecar asks of NODE_IMAGE. Throws a PlainError with the engine's words. */
export async function makeNodeImage(
  engine: Engine,
  { version, folders }: NodeParts,
  options: CachePlace & Watch,
): Promise<{ name: string; id: string }> {
  const dockerfile = dockerfileFor(version);
  const tag = `localhost/sync-sidecar-node:${version}`;
  // The folders have the versions of their packages in their names.
  const inputs = [version, dockerfile, ...folders, await readFile(import.meta.filename)];
  const { id } = await buildUnlessKept(engine, { ...options, tag, inputs }, async () => {
    const cache = ourCache(options);
    await mkdir(cache, { recursive: true });
    const context = await createTemporaryFolder('.node-image-', cache);
    try {
      await assemble(join(context.path, 'files'), folders);
      const path = join(context.path, 'Dockerfile');
      await writeFile(path, dockerfile);
      return await buildImage(engine, { dockerfile: path, context: context.path, tag }, options);
    } finally {
      await context.remove();
    }
  });
  return { name: tag, id };
}

async function versionOfNodePackage(): Promise<string> {
  if (!(await isExecutable(join(nodePackage, 'bin/node')))) {
    throw new PlainError(
      `Node's npm package for ${platform()} on ${arch()} is not installed; it is for Linux with glibc on x64 and arm64 alone.`,
    );
  }
  const { version } = JSON.parse(await readFile(join(nodePackage, 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function unpackPackages(options: CachePlace & Watch): Promise<string[]> {
  const folders = await unpackDebianPackages(packages, options);
  // The licences of GCC's libraries are in a package that is named after its version; theirs link to it.
  const documentation = await readlink(join(folders['libgcc-s1'] ?? '', 'usr/share/doc/libgcc-s1')).catch(() => '');
  const more = /^gcc-\d+-base$/.test(documentation) ? await unpackDebianPackages([documentation], options) : {};
  return [...Object.values(folders), ...Object.values(more)].sort();
}

/** In Debian they are links to their like in /usr; packages have their files in either. */
const linksToUsr = ['bin', 'sbin', 'lib', 'lib64'];

async function assemble(root: string, folders: readonly string[]): Promise<void> {
  for (const name of linksToUsr) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  for (const folder of folders) await addPackage(root, folder);
  const local = join(root, 'usr/local');
  await cp(join(nodePackage, 'bin/node'), join(local, 'bin/node'));
  await cp(join(nodePackage, 'LICENSE'), join(local, 'LICENSE'));
}

async function addPackage(root: string, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const source = join(folder, name);
    const toUsr = linksToUsr.includes(name);
    if ((!toUsr && name !== 'usr') || (await lstat(source)).isSymbolicLink()) continue;
    await cp(source, join(root, toUsr ? join('usr', name) : name), { recursive: true, verbatimSymlinks: true });
  }
}
