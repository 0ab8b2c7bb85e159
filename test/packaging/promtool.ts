import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { findInPathOrDebian, type PackagedProgram } from '../control-plane/path-or-debian.ts';

/**
 * Finds a promtool that works: in PATH, else in Debian's package, which is unpacked into the cache. Throws a PlainError when there is none.
 */
export async function findPromtool(options: BinariesOptions): Promise<string> {
  return findInPathOrDebian(promtool, options, noPromtool);
}

const promtool: PackagedProgram = { name: 'promtool', debianPackage: 'prometheus' };

function noPromtool(problems: readonly string[]): PlainError {
  return new PlainError(
    [
      "This checks alert rules by Prometheus' own means, but there is no promtool:",
      ...problems,
      'Install one into PATH: on Debian and Ubuntu by `apt-get install prometheus`,',
      'elsewhere take the program from https://prometheus.io/download/.',
    ].join('\n'),
  );
}
