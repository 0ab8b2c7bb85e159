import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ourCache } from '../../scripts/cache-directory.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import { downloadGoModule, readCrdVersion } from './crd-module.ts';

/**
 * Answers the paths of the CustomResourceDefinitions of what we render beside Kubernetes' own kinds: in the cache, into which they are
 * copied out of their Go modules when they are missing. Throws a PlainError when they can't be had, or the signal's reason.
 */
export async function findOrFetchCrds(options: BinariesOptions): Promise<string[]> {
  const paths: string[] = [];
  for (const source of sources) paths.push(...(await findOrFetch(source, options)));
  return paths;
}

interface CrdSource {
  title: string;
  goModule: string;
  /** Where the module has them. */
  folder: string;
  files: readonly string[];
}

const sources: readonly CrdSource[] = [
  {
    title: 'cert-manager',
    goModule: 'github.com/cert-manager/cert-manager',
    folder: 'deploy/crds',
    files: ['cert-manager.io_certificates.yaml', 'cert-manager.io_issuers.yaml'],
  },
  {
    title: 'prometheus-operator',
    goModule: 'github.com/prometheus-operator/prometheus-operator',
    folder: 'example/prometheus-operator-crd',
    files: [
      'monitoring.coreos.com_podmonitors.yaml',
      'monitoring.coreos.com_prometheusrules.yaml',
      'monitoring.coreos.com_servicemonitors.yaml',
    ],
  },
];

async function findOrFetch({ title, goModule, folder, files }: CrdSource, options: BinariesOptions): Promise<string[]> {
  const version = await readCrdVersion(goModule);
  const cache = join(ourCache(options), `${title}-${version}-crds`);
  const there: string[] = await readdir(cache).catch(() => []);
  if (!files.every((file) => there.includes(file))) {
    const moduleFolder = await downloadGoModule(goModule, options);
    await copyFiles(files, join(moduleFolder, folder), cache);
  }
  return files.map((file) => join(cache, file));
}

/** Each file appears whole or not at all; of two copies at the same time the later one replaces files by their like. */
async function copyFiles(files: readonly string[], from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  // Beside the target, because a rename can't leave the file system.
  const temporary = await createTemporaryFolder('.crds-', dirname(to));
  try {
    for (const file of files) {
      await copyFile(join(from, file), join(temporary.path, file));
      await rename(join(temporary.path, file), join(to, file));
    }
  } finally {
    await temporary.remove();
  }
}
