import {
  mkdtempSync,
  chmodSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Puts files into a folder, and takes away those that it had before, as the kubelet does with a projected volume: a name leads by the
 * link `..data` into a folder that holds all of them, and only that link is replaced.
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
 */
export function projectFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const before = readdirSync(folder);
  const old = before.includes('..data') ? [readlinkSync(join(folder, '..data'))] : [];
  const version = writeVersion(folder, files);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  for (const name of Object.keys(files)) {
    if (!before.includes(name)) symlinkSync(join('..data', name), join(folder, name));
  }
  const gone = before.filter((name) => !name.startsWith('..') && !(name in files));
  for (const name of [...gone, ...old]) rmSync(join(folder, name), { recursive: true });
}

function writeVersion(folder: string, files: Readonly<Record<string, string>>): string {
  const version = mkdtempSync(join(folder, '..version-'));
  // Whoever the program runs as.
  chmodSync(version, 0o755);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(version, name), content);
  return basename(version);
}
