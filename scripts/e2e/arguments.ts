import { parseArgs } from 'node:util';

/** What `npm run e2e` is asked for. */
export interface E2eArguments {
  /** Packages that are missing may be installed. */
  readonly install: boolean;
  /** Only removes what a killed run has left. */
  readonly clean: boolean;
  /** Patterns of test files; none: all. */
  readonly patterns: readonly string[];
}

/** Reads the command line; `problem` says what is not accepted, and the usage. */
export function readArguments(args: readonly string[]): E2eArguments | { problem: string } {
  try {
    const options = { install: { type: 'boolean' }, clean: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.clean && args.length > 1) throw new Error('--clean goes alone');
    return { install: values.install ?? false, clean: values.clean ?? false, patterns: positionals };
  } catch (error) {
    return { problem: `${(error as Error).message}\n\n${usage}` };
  }
}

const usage = `usage: npm run e2e -- [--install] [PATTERN...] | --clean
  --install  installs what is missing to build images (Debian's buildah), where no container engine answers
  PATTERN    only the test files whose path contains it
  --clean    only removes what a run has left that was killed`;
