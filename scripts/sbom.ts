/** `npm run sbom`: prints the bill of materials of the two programs, as SPDX: every package that is in their bundles. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from './bundle.ts';
import { lazyChunks, programs } from './programs.ts';
import { billOfPrograms, type SpdxDocument } from './release/bill-of-materials.ts';
import { bundledPackages } from './third-party-licenses.ts';

const root = join(import.meta.dirname, '..');

try {
  const [installed, folders] = await Promise.all([installedPackages(), foldersInPrograms()]);
  console.log(JSON.stringify(billOfPrograms(installed, folders), null, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function installedPackages(): Promise<SpdxDocument> {
  // Some 500 packages make 1 MB; execFile ends at 1 MiB unless told otherwise.
  const options = { cwd: root, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)('npm', ['sbom', '--sbom-format=spdx'], options);
  return JSON.parse(stdout) as SpdxDocument;
}

async function foldersInPrograms(): Promise<string[]> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const outdir = await mkdtemp(join(tmpdir(), 'sync-sidecar-sbom-'));
  try {
    const entryPoints = { ...programs, ...lazyChunks };
    const { metafile } = await bundle({ entryPoints, lazy: Object.keys(lazyChunks), root, outdir, version });
    return bundledPackages(metafile);
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
