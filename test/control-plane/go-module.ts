import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A Go module whose go.mod is the one place for the versions of programs, and how these are built. */
export interface GoModule {
  directory: string;
  /** Least version of Go, such as 1.26.0. */
  goVersion: string;
  /** What its programs are, for messages: Kubernetes. */
  title: string;
  /** Version of that without its v, such as 1.36.3. */
  version: string;
  /** Folder of the cache for its programs, platform aside. Names each version that is built, so that a new one is built anew. */
  cacheName: string;
  /** Arguments of `go build` that its programs share. */
  buildFlags: readonly string[];
  /** Disk that a first build takes, sources and Go's own cache included. */
  disk: string;
}

/** What a go.mod says. */
export interface GoMod {
  /** Least version of Go. */
  goVersion: string;
  /** The version of a module that it requires, without its v. */
  versionOf: (modulePath: string) => string;
}

/** Reads the go.mod in `directory`. */
export async function readGoMod(directory: string): Promise<GoMod> {
  const goMod = await readFile(join(directory, 'go.mod'), 'utf8');
  return {
    goVersion: match(goMod, /^go (\S+)$/m),
    versionOf: (modulePath) => match(goMod, new RegExp(`^\\s*${modulePath.replaceAll('.', '\\.')} v(\\S+)$`, 'm')),
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
