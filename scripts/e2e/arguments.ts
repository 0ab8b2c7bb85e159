import { PlainError } from '../plain-error.ts';
import { readOptions, type Answer } from '../read-options.ts';

/** What `npm run e2e` is asked for. */
export interface E2eArguments {
  /** Packages that are missing may be installed. */
  readonly install: boolean;
  /** Only removes what a killed run has left. */
  readonly clean: boolean;
  /** Patterns of test files; none: all. */
  readonly patterns: readonly string[];
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): E2eArguments | Answer {
  const options = { install: { type: 'boolean' }, clean: { type: 'boolean' } } as const;
  return readOptions(args, { options, allowPositionals: true, usage }, ({ values, positionals: patterns }) => {
    const { install = false, clean = false } = values;
    if (clean && args.length > 1) throw new PlainError('--clean goes alone');
    return { install, clean, patterns };
  });
}

const usage = `usage: npm run e2e -- [--install] [PATTERN...] | --clean
  --install  installs what is missing to build images (Debian's buildah), where no container engine answers
  PATTERN    only the test files whose path contains it
  --clean    only removes what a run has left that was killed`;
