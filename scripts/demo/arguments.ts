import type { DemoOptions } from './run-demo.ts';

export interface DemoArguments extends Pick<DemoOptions, 'keep' | 'broken'> {
  /** Whether the pod is to run on a node. */
  node: boolean;
  /** Packages that are missing may be installed. */
  install: boolean;
}

const accepted = ['--node', '--install', '--keep', '--broken=patch', '--broken=sidecar'];

/** Reads the command line; `problem` says in one line what is not accepted, and what is. */
export function readArguments(args: readonly string[]): DemoArguments | { problem: string } {
  const refused = args.filter((arg) => !accepted.includes(arg)).map((arg) => JSON.stringify(arg));
  if (refused.length > 0) return { problem: `The demo accepts ${accepted.join(', ')}; not ${refused.join(', ')}` };
  const node = args.includes('--node');
  const install = args.includes('--install');
  if (install && !node) return { problem: '--install goes with --node: without a node, nothing has to be installed' };
  const broken = (['patch', 'sidecar'] as const).find((name) => args.includes(`--broken=${name}`));
  return { node, install, keep: args.includes('--keep'), broken };
}
