import type { DemoOptions } from './run-demo.ts';

type Arguments = Pick<DemoOptions, 'keep' | 'broken'>;

const accepted = ['--keep', '--broken=patch', '--broken=sidecar'];

/** Reads the command line; `problem` says in one line what is not accepted, and what is. */
export function readArguments(args: readonly string[]): Arguments | { problem: string } {
  const refused = args.filter((arg) => !accepted.includes(arg)).map((arg) => JSON.stringify(arg));
  if (refused.length > 0) return { problem: `The demo accepts ${accepted.join(', ')}; not ${refused.join(', ')}` };
  const broken = (['patch', 'sidecar'] as const).find((name) => args.includes(`--broken=${name}`));
  return { keep: args.includes('--keep'), broken };
}
