import { PlainError } from '../../scripts/plain-error.ts';
import type { BinariesOptions } from '../control-plane/go-programs.ts';
import { findInPathOrDebian, type PackagedProgram } from '../control-plane/path-or-debian.ts';

/**
 * Finds a promtool that works: in PATH, else in Debian's package, which is unpacked into the cache. Throws a PlainError when there is none.
 */
export async function findPromtool(options: BinariesOptions): Promise<string> {
  return findInPathOrDebian(promtool, options, noneOf(promtool, 'checks alert rules'));
}

/** As findPromtool, for Prometheus itself, which the same package has. */
export async function findPrometheus(options: BinariesOptions): Promise<string> {
  return findInPathOrDebian(prometheus, options, noneOf(prometheus, 'tries the queries of dashboard and alerts'));
}

const promtool: PackagedProgram = { name: 'promtool', debianPackage: 'prometheus' };
const prometheus: PackagedProgram = { name: 'prometheus', debianPackage: 'prometheus' };

function noneOf({ name }: PackagedProgram, does: string): (problems: readonly string[]) => PlainError {
  return (problems) =>
    new PlainError(
      [
        `This ${does} by Prometheus' own means, but there is no ${name}:`,
        ...problems,
        'Install one into PATH: on Debian and Ubuntu by `apt-get install prometheus`,',
        'elsewhere take the program from https://prometheus.io/download/.',
      ].join('\n'),
    );
}
