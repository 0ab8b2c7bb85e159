import { join } from 'node:path';
import { runCommand } from '../../../test/control-plane/leashed-process.ts';
import type { Launched } from './contender.ts';
import { pinned } from './cpus.ts';
import type { ReviewName } from './review-fixture.ts';
import type { LoadResult, ReviewLoad } from './review-load.ts';
import type { WebhookStage } from './stage.ts';

export interface LoadOptions extends Pick<ReviewLoad, 'before' | 'count' | 'perSecond'> {
  readonly name: ReviewName;
}

// As few as keep a server busy that has one core, and as many as some API servers open.
const connections = 8;

const program = join(import.meta.dirname, 'review-load.ts');

/** Sends reviews to a webhook by a process of its own, on a CPU of its own. */
export async function runLoad({ port, pid }: Launched, options: LoadOptions, stage: WebhookStage): Promise<LoadResult> {
  const { name, ...rest } = options;
  const load: ReviewLoad = { ...rest, port, pid, connections, bodyFile: stage.bodies[name] };
  const { code, stdout, stderr } = await runCommand({
    command: '/bin/sh',
    args: ['-c', `exec ${pinned('"$@"', stage.cpus.load)}`, 'sh', stage.nodePath, program, JSON.stringify(load)],
    env: { PATH: stage.path, HOME: stage.folder },
    signal: stage.signal,
  });
  if (code !== 0) throw new Error(`the load failed: ${stderr.trim().slice(-2000)}`);
  return JSON.parse(stdout) as LoadResult;
}
