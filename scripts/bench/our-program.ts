import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyProgram, readRuntime, type ProgramName } from '../../test/product/program.ts';
import { buildPrograms } from '../build-programs.ts';

/** One of our programs as its image has it: built, with nothing but Node beside it. */
export interface OurProgram {
  /** As `exec` of a shell takes it. */
  readonly command: string;
  /** The command of another program that Node is to run in the same way. */
  commandOf(program: string): string;
  /** How Node is run: variables and flags, as a shell takes them. */
  readonly runtime: string;
}

/** Builds the program, and copies it to below the folder. */
export async function prepareOurProgram(name: ProgramName, folder: string, nodePath: string): Promise<OurProgram> {
  await buildPrograms();
  const home = join(folder, 'programs');
  await mkdir(home);
  const program = await copyProgram(name, home);
  const { env, flags } = await readRuntime(name);
  const variables = Object.entries(env).map(([variable, value]) => `${variable}=${value}`);
  const commandOf = (path: string): string => ['env', ...variables, nodePath, ...flags, path].join(' ');
  return { command: commandOf(program), commandOf, runtime: [...variables, ...flags].join(' ') };
}
