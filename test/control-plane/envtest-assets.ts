import { join } from 'node:path';
import { PlainError } from '../../scripts/plain-error.ts';
import { isExecutable } from './executable.ts';
import { minorVersion, type GoModule } from './go-module.ts';
import { runCommand } from './leashed-process.ts';
import { programs, type Binaries, type Program } from './programs.ts';

export interface AssetsOptions {
  /** Value of KUBEBUILDER_ASSETS. */
  directory: string;
  goModule: GoModule;
  env: NodeJS.ProcessEnv;
}

/**
 * Takes the programs from a folder that setup-envtest has filled. It brings no kube-controller-manager: that one may be missing.
 * Throws a PlainError that names everything else that is wrong with the folder.
 */
export async function readAssets(options: AssetsOptions): Promise<Partial<Binaries>> {
  const findings = await Promise.all(programs.map((program) => inspect(program, options)));
  const problems = findings.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw badAssets(problems, options);
  return Object.fromEntries(findings.flatMap(({ program, path }) => (path ? [[program.key, path]] : [])));
}

interface Finding {
  program: Program;
  path?: string;
  problem?: string;
}

async function inspect(program: Program, { directory, goModule, env }: AssetsOptions): Promise<Finding> {
  const path = join(directory, program.fileName);
  if (!(await isExecutable(path))) {
    const optional = program.key === 'kubeControllerManager';
    return optional ? { program } : { program, problem: `${program.fileName} is missing or not executable` };
  }
  const { code, stdout, stderr } = await runCommand({ command: path, args: program.versionArgs, env });
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
  if (code !== 0 || version === undefined) {
    return {
      program,
      problem: `${program.fileName} does not tell its version: ${stderr.trim() || `exit code ${code}`}`,
    };
  }
  const wanted = minorVersion(goModule.version);
  if (program.ofKubernetes && minorVersion(version) !== wanted) {
    return { program, problem: `${program.fileName} is version ${version}, wanted is ${wanted}` };
  }
  return { program, path };
}

function badAssets(problems: readonly string[], { directory, goModule }: AssetsOptions): PlainError {
  const lines = problems.map((problem) => `  - ${problem}`).join('\n');
  const command = `setup-envtest use ${minorVersion(goModule.version)} -p path`;
  return new PlainError(
    `KUBEBUILDER_ASSETS=${directory} can't be used:\n${lines}\n` +
      `Set it to the folder that \`${command}\` prints, or unset it to have the programs built with Go.`,
  );
}
