import { PlainError } from '../plain-error.ts';
import { readOptions, type Answer } from '../read-options.ts';
import type { DemoOptions } from './run-demo.ts';

export interface DemoArguments extends Pick<DemoOptions, 'keep' | 'broken'> {
  /** Whether the pod is to run on a node. */
  node: boolean;
  /** Packages that are missing may be installed. */
  install: boolean;
}

/** Reads the command line. */
export function readArguments(args: readonly string[]): DemoArguments | Answer {
  const flag = { type: 'boolean' } as const;
  const options = { node: flag, install: flag, keep: flag, broken: { type: 'string' } } as const;
  return readOptions(args, { options, usage }, ({ values }) => {
    const { node = false, install = false, keep = false } = values;
    if (install && !node) {
      throw new PlainError('--install goes with --node: without a node, nothing has to be installed');
    }
    return { node, install, keep, broken: readBroken(values.broken) };
  });
}

function readBroken(text: string | undefined): DemoArguments['broken'] {
  if (text === undefined || text === 'patch' || text === 'sidecar') return text;
  throw new PlainError(`--broken is patch or sidecar, not ${JSON.stringify(text)}`);
}

const usage = `usage: npm run demo -- [--node [--install]] [--keep] [--broken=patch | --broken=sidecar]
  --node            on a real node, where the pod really runs: Linux, root
  --install         installs what is missing to build images (Debian's buildah), where no container engine answers
  --keep            leaves all of it running, to look around, until Ctrl-C
  --broken=patch    breaks the product on purpose: the webhook's patch is left out; the demo must notice
  --broken=sidecar  the same: the sidecar is killed`;
