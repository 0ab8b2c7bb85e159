import { parseArgs } from 'node:util';

/** What `npm run node` is asked for. */
export interface NodeArguments {
  /** Packages that are missing may be installed. */
  readonly install: boolean;
}

/** Reads the command line; `problem` says what is not accepted, and the usage. */
export function readArguments(args: readonly string[]): NodeArguments | { problem: string } {
  try {
    const { values } = parseArgs({ args: [...args], options: { install: { type: 'boolean' } } });
    return { install: values.install ?? false };
  } catch (error) {
    return { problem: `${(error as Error).message}\n\n${usage}` };
  }
}

const usage = `usage: npm run node -- [--install]
  --install  installs what is missing to build images (Debian's buildah), where no container engine answers`;
