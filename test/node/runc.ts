import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { findInPathOrDebian, type PackagedProgram } from '../control-plane/path-or-debian.ts';

/**
 * Finds a runc that works: in PATH, else in Debian's package, which is unpacked into the cache. It is not built as the other
 * programs of a node are: that would need a C compiler and libseccomp. Throws a PlainError when there is none.
 */
export async function findRunc(options: BinariesOptions): Promise<string> {
  return findInPathOrDebian(runc, options, noRunc);
}

const runc: PackagedProgram = {
  name: 'runc',
  debianPackage: 'runc',
  // Pods with the seccomp profile RuntimeDefault don't start where it can't do seccomp.
  problemOf: (version) => (/^libseccomp:/m.test(version) ? undefined : 'is built without seccomp'),
};

function noRunc(problems: readonly string[]): PlainError {
  return new PlainError(
    [
      'This runs a real Kubernetes node, but there is no runc:',
      ...problems,
      'Install one into PATH: on Debian and Ubuntu by `apt-get install runc`,',
      'elsewhere take the program from https://github.com/opencontainers/runc/releases.',
    ].join('\n'),
  );
}
