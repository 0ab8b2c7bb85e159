import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** What go.mod, the one place for versions, asks for. */
export interface GoModule {
  directory: string;
  /** Least version of Go, such as 1.26.0. */
  goVersion: string;
  /** Version of k8s.io/kubernetes without its v, such as 1.36.3. */
  kubernetesVersion: string;
  /** Version of etcd without its v, such as 3.6.8. */
  etcdVersion: string;
}

/** Reads the go.mod beside this file. */
export async function readGoModule(): Promise<GoModule> {
  const directory = fileURLToPath(new URL('.', import.meta.url));
  const goMod = await readFile(`${directory}go.mod`, 'utf8');
  return {
    directory,
    goVersion: match(goMod, /^go (\S+)$/m),
    kubernetesVersion: match(goMod, /^\s*k8s\.io\/kubernetes v(\S+)$/m),
    etcdVersion: match(goMod, /^\s*go\.etcd\.io\/etcd\/server\/v3 v(\S+)$/m),
  };
}

/** The minor version, by which Kubernetes counts compatibility: 1.36.3 → 1.36. */
export function minorVersion(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function match(goMod: string, pattern: RegExp): string {
  const found = pattern.exec(goMod)?.[1];
  if (found === undefined) throw new Error(`go.mod has no line like ${pattern.source}`);
  return found;
}
