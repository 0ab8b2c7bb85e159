import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { bareEnvironment } from '../control-plane/leashed-process.ts';

export interface ReadersMachineOptions {
  /** Empty; the caller removes it. */
  folder: string;
  /** The checkout. */
  root: string;
  /** Of the cluster that the reader works on. */
  kubeconfig: string;
  /** Paths of what the pages call by these names. */
  programs: Readonly<Record<string, string>>;
  /** Where all else is found. */
  path: string;
}

/** What a reader of the documents has: a clone to work in, and the programs that the pages name. */
export interface ReadersMachine {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** For files of whoever plays the reader. */
  folder: string;
}

export async function makeReadersMachine(options: ReadersMachineOptions): Promise<ReadersMachine> {
  const { folder, root, kubeconfig, programs, path } = options;
  const [cwd, home, bin] = [join(folder, 'sync-sidecar'), join(folder, 'home'), join(folder, 'bin')];
  await copyCheckout(root, cwd);
  await mkdir(home);
  await mkdir(bin);
  for (const [name, program] of Object.entries(programs)) await symlink(program, join(bin, name));
  const env = { ...bareEnvironment(home), KUBECONFIG: kubeconfig, PATH: `${bin}:${path}` };
  return { cwd, env, folder };
}

/** With what is built, and with the same packages. */
async function copyCheckout(root: string, cwd: string): Promise<void> {
  const leftOut = ['.git', 'node_modules', 'coverage'];
  const filter = (source: string): boolean => !leftOut.includes(relative(root, source).split(sep)[0] ?? '');
  await cp(root, cwd, { recursive: true, filter });
  await symlink(join(root, 'node_modules'), join(cwd, 'node_modules'));
}
