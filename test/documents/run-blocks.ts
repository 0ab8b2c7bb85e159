import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '../control-plane/leashed-process.ts';
import { placeOf, type CodeBlock } from './code-blocks.ts';

export interface RunBlocksOptions {
  /** What the shell begins in: a copy of the repository, which it may change. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** For the script. */
  folder: string;
  /** An abort kills the shell, and what it has started. */
  signal: AbortSignal;
}

/** Runs blocks one after the other in one shell; answers what each printed. Throws with the place of the one that fails. */
export async function runBlocks(blocks: readonly CodeBlock[], options: RunBlocksOptions): Promise<string[]> {
  const { folder, ...surroundings } = options;
  const script = join(folder, 'blocks.sh');
  await writeFile(script, scriptOf(blocks));
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const shell = await startProcess({ command: '/bin/sh', args: [script], onLine, ...surroundings });
  const { code, signal } = await shell.exited;
  const [, ...outputs] = lines.join('\n').split(mark);
  const printed = outputs.map((output) => output.trim());
  if (code === 0 && printed.length > blocks.length) return printed.slice(0, -1);
  const failed = blocks[printed.length - 1];
  const how = options.signal.aborted ? 'did not end in time' : `ended with ${signal ?? `status ${code}`}`;
  throw new Error(`${failed ? placeOf(failed) : 'the shell'} ${how}; it printed:\n${printed.at(-1) ?? ''}`);
}

/** Stands before the output of each block, and at the end. */
const mark = '\u241e';

/** A command that asks for input gets none. */
function scriptOf(blocks: readonly CodeBlock[]): string {
  const marked = blocks.map(({ text }) => `echo '${mark}'\n${text}\n`);
  return ['set -eu\nexec 2>&1 </dev/null\n', ...marked, `echo '${mark}'\n`].join('');
}
