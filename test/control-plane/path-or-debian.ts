import { delimiter, join } from 'node:path';
import { unpackDebianPackages } from '../../scripts/images/debian-packages.ts';
import { PlainError } from '../../scripts/plain-error.ts';
import { findInPath } from './executable.ts';
import type { BinariesOptions } from './go-programs.ts';
import { runCommand } from './leashed-process.ts';

export interface PackagedProgram {
  name: string;
  /** Debian's package that has it. */
  debianPackage: string;
  /** What is wrong with one that tells this of its version; default: nothing. */
  problemOf?: (version: string) => string | undefined;
}

type Finding = { path: string } | { problem: string };

/**
 * Finds a program that works: in PATH, else in Debian's package, which is unpacked into the cache. Where there is none, `noneFound` makes
 * the error of what is wrong with each.
 */
export async function findInPathOrDebian(
  program: PackagedProgram,
  options: BinariesOptions,
  noneFound: (problems: readonly string[]) => PlainError,
): Promise<string> {
  const problems: string[] = [];
  for (const find of [inPath, ofDebian]) {
    const finding = await find(program, options);
    if ('path' in finding) return finding.path;
    problems.push(`  - ${finding.problem.replaceAll('\n', '\n    ')}`);
  }
  throw noneFound(problems);
}

async function inPath(program: PackagedProgram, options: BinariesOptions): Promise<Finding> {
  const path = await findInPath(program.name, options.env.PATH);
  return path === undefined ? { problem: 'there is none in PATH' } : inspect(path, program, options);
}

async function ofDebian(program: PackagedProgram, options: BinariesOptions): Promise<Finding> {
  const { name, debianPackage } = program;
  try {
    const { [debianPackage]: folder = '' } = await unpackDebianPackages([debianPackage], options);
    // Debian is moving programs from one folder to the other.
    const folders = ['usr/sbin', 'usr/bin'].map((bin) => join(folder, bin));
    const path = await findInPath(name, folders.join(delimiter));
    return path === undefined
      ? { problem: `Debian's package has none: ${folder}` }
      : await inspect(path, program, options);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    return { problem: error.message };
  }
}

/** Runs it, because Debian's needs libraries. */
async function inspect(path: string, { problemOf }: PackagedProgram, options: BinariesOptions): Promise<Finding> {
  const { env, signal } = options;
  const { code, stdout, stderr } = await runCommand({ command: path, args: ['--version'], env, signal });
  if (code !== 0) return { problem: `${path} does not tell its version: ${stderr.trim() || `exit code ${code}`}` };
  const problem = problemOf?.(stdout);
  return problem === undefined ? { path } : { problem: `${path} ${problem}` };
}
