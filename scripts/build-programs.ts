import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Message } from 'esbuild';
import { bundle } from './bundle.ts';
import { lazyChunks, programs } from './programs.ts';
import { requireWritable } from './require-writable.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const root = join(import.meta.dirname, '..');
const entryPoints = { ...programs, ...lazyChunks };

export interface BuiltPrograms {
  readonly warnings: readonly Message[];
  /** Path from the root, and bytes, of each bundle. */
  readonly bundles: readonly { readonly path: string; readonly bytes: number }[];
}

/**
 * Writes the two programs to `dist` as they go into their images, how Node is to be run for them, and
 * the licences of what is in them. Throws a PlainError where a run as another user has left what can't be replaced.
 */
export async function buildPrograms(): Promise<BuiltPrograms> {
  const outdir = join(root, 'dist');
  for (const folder of [root, outdir]) await requireWritable(folder);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const { metafile, warnings } = await bundle({ entryPoints, lazy: Object.keys(lazyChunks), root, outdir, version });
  for (const name of Object.keys(programs)) {
    await copyFile(join(root, name, 'runtime.json'), join(outdir, `${name}.runtime.json`));
  }
  await writeFile(join(root, 'dist/THIRD-PARTY-LICENSES'), await thirdPartyLicenses(metafile, root));
  const paths = Object.keys(entryPoints).map((name) => `dist/${name}.cjs`);
  const bundles = await Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(join(root, path))).size })));
  return { warnings, bundles };
}
