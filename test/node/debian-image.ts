import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CachePlace } from '../../scripts/images/cache-directory.ts';
import { unpackDebianPackages } from '../../scripts/images/debian-packages.ts';
import type { Engine } from '../../scripts/images/engine.ts';
import type { Watch } from '../../scripts/images/image.ts';
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

/** Builds an image of Debian's packages, unless the engine has it already from the same ones. */
export async function buildDebianImage(engine: Engine, image: DebianImage, options: CachePlace & Watch): Promise<void> {
  const names = [...shell, ...image.packages];
  const folders = await unpackDebianPackages(names, options);
  const context = await createTemporaryFolder('sync-sidecar-');
  try {
    const text = dockerfile(image);
    const dockerfilePath = join(context.path, 'Dockerfile');
    await writeFile(dockerfilePath, text);
    await assemble(join(context.path, 'files'), { folders, names });
    const build = { dockerfile: dockerfilePath, context: context.path, tag: image.name };
    // A package's folder is called by its version.
    const inputs = [text, ...names.map((name) => basename(folders[name] ?? ''))];
    await buildUnlessKept(engine, build, { ...options, inputs });
  } finally {
    await context.remove();
  }
}

function dockerfile({ entrypoint }: DebianImage): string {
  return `FROM scratch\nCOPY files/ /\nENV PATH=/usr/bin:/bin\nENTRYPOINT ${JSON.stringify(entrypoint)}\n`;
}

async function assemble(
  files: string,
  { folders, names }: { folders: Readonly<Record<string, string>>; names: readonly string[] },
): Promise<void> {
  await mkdir(join(files, 'bin'), { recursive: true });
  await mkdir(join(files, 'tmp'), { mode: 0o1777 });
  for (const name of names) await cp(folders[name] ?? '', files, { recursive: true, verbatimSymlinks: true });
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
