import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachePlace } from '../../scripts/cache-directory.ts';
import { unpackDebianPackages } from '../../scripts/images/debian-packages.ts';
import type { Engine } from '../../scripts/images/engine.ts';
import { buildImage, type Watch } from '../../scripts/images/image.ts';
import { buildUnlessKept } from '../../scripts/images/kept-build.ts';
import { runCommand } from '../control-plane/leashed-process.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';

/** An image of programs from Debian, with a shell and an init. */
export interface DebianImage {
  name: string;
  /** Besides busybox-static and tini. */
  packages: readonly string[];
  entrypoint: readonly string[];
}

const shell = ['busybox-static', 'tini'];

/** Builds an image of Debian's packages, unless the engine has it already from the same ones; answers its id. */
export async function buildDebianImage(
  engine: Engine,
  image: DebianImage,
  options: CachePlace & Watch,
): Promise<string> {
  const { name: tag, packages } = image;
  const folders = Object.values(await unpackDebianPackages([...shell, ...packages], options)).sort();
  // A package's folder is called by its version.
  const inputs = [dockerfile(image), ...folders];
  const { id } = await buildUnlessKept(engine, { ...options, tag, inputs }, async () => {
    const context = await createTemporaryFolder('sync-sidecar-');
    try {
      const path = join(context.path, 'Dockerfile');
      await writeFile(path, dockerfile(image));
      await assemble(join(context.path, 'files'), folders);
      return await buildImage(engine, { dockerfile: path, context: context.path, tag }, options);
    } finally {
      await context.remove();
    }
  });
  return id;
}

function dockerfile({ entrypoint }: DebianImage): string {
  return `FROM scratch\nCOPY files/ /\nENV PATH=/usr/bin:/bin\nENTRYPOINT ${JSON.stringify(entrypoint)}\n`;
}

async function assemble(files: string, packages: readonly string[]): Promise<void> {
  await mkdir(join(files, 'bin'), { recursive: true });
  await mkdir(join(files, 'tmp'), { mode: 0o1777 });
  for (const folder of packages) await cp(folder, files, { recursive: true, verbatimSymlinks: true });
  await rm(join(files, 'usr/share'), { recursive: true, force: true });
  await cp(join(files, 'usr/bin/tini-static'), join(files, 'tini'));
  await linkApplets(join(files, 'bin'));
}

/** A command of busybox is busybox by another name. */
async function linkApplets(folder: string): Promise<void> {
  const { stdout } = await runCommand({ command: join(folder, 'busybox'), args: ['--list'], env: {} });
  for (const applet of stdout.trim().split('\n')) {
    if (applet !== 'busybox') await symlink('busybox', join(folder, applet));
  }
}
