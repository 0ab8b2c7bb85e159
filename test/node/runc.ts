import { delimiter, join } from 'node:path';
import { unpackDebianPackages } from '../../scripts/images/debian-packages.ts';
import { PlainError } from '../../scripts/plain-error.ts';
import { findInPath } from '../control-plane/executable.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { runCommand } from '../control-plane/leashed-process.ts';

/**
 * Finds a runc that works: in PATH, else in Debian's package, which is unpacked into the cache. It is not built as the other
 * programs of a node are: that would need a C compiler and libseccomp. Throws a PlainError when there is none.
 */
export async function findRunc(options: BinariesOptions): Promise<string> {
  const problems: string[] = [];
  for (const find of [runcInPath, runcOfDebian]) {
    const finding = await find(options);
    if ('path' in finding) return finding.path;
    problems.push(finding.problem);
  }
  throw noRunc(problems);
}

type Finding = { path: string } | { problem: string };

async function runcInPath(options: BinariesOptions): Promise<Finding> {
  const path = await findInPath('runc', options.env.PATH);
  return path === undefined ? { problem: 'there is none in PATH' } : inspect(path, options);
}

async function runcOfDebian(options: BinariesOptions): Promise<Finding> {
  try {
    const { runc = '' } = await unpackDebianPackages(['runc'], options);
    // Debian is moving programs from one folder to the other.
    const folders = ['usr/sbin', 'usr/bin'].map((folder) => join(runc, folder));
    const path = await findInPath('runc', folders.join(delimiter));
    return path === undefined ? { problem: `Debian's package has none: ${runc}` } : inspect(path, options);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    return { problem: error.message };
  }
}

/** Runs it, because Debian's needs libraries. Pods with the seccomp profile RuntimeDefault don't start where it can't do seccomp. */
async function inspect(path: string, { env, signal }: BinariesOptions): Promise<Finding> {
  const { code, stdout, stderr } = await runCommand({ command: path, args: ['--version'], env, signal });
  if (code !== 0) return { problem: `${path} does not tell its version: ${stderr.trim() || `exit code ${code}`}` };
  if (!/^libseccomp:/m.test(stdout)) return { problem: `${path} is built without seccomp` };
  return { path };
}

function noRunc(problems: readonly string[]): PlainError {
  return new PlainError(
    [
      'This runs a real Kubernetes node, but there is no runc:',
      ...problems.map((problem) => `  - ${problem.replaceAll('\n', '\n    ')}`),
      'Install one into PATH: on Debian and Ubuntu by `apt-get install runc`,',
      'elsewhere take the program from https://github.com/opencontainers/runc/releases.',
    ].join('\n'),
  );
}
