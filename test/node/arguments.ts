import { readOptions, type Answer } from '../../scripts/read-options.ts';

/** What `npm run node` is asked for. */
export interface NodeArguments {
  /** Packages that are missing may be installed. */
  readonly install: boolean;
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): NodeArguments | Answer {
  const options = { install: { type: 'boolean' } } as const;
  return readOptions(args, { options, usage }, ({ values: { install = false } }) => ({ install }));
}

const usage = `usage: npm run node -- [--install]
  --install  installs what is missing to build images (Debian's buildah), where no container engine answers`;
