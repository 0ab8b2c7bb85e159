import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { runUndisturbed } from './run-undisturbed.ts';

const soon = { timeoutMs: 10_000 };

it('answers how a command has ended, and what it complained of', async () => {
  expect(await runUndisturbed(['sh', '-c', 'echo aside; echo "E: locked" >&2; exit 100'], process.env)).toEqual({
    code: 100,
    stderr: 'E: locked\n',
  });
});

it('lets a command come to its end when its starter is killed with all its process group', async () => {
  using scratch = scratchFolder();
  const at = (name: string): string => join(scratch.path, name);
  // It goes on when the test says so, and says something then.
  const script = `: >'${at('started')}'; while [ -e '${at('started')}' ] && ! [ -e '${at('go')}' ]; do sleep 0.05; done; echo a word >&2 && : >'${at('ended')}'`;
  const program = `
    import { runUndisturbed } from ${JSON.stringify(join(import.meta.dirname, 'run-undisturbed.ts'))};
    await runUndisturbed(['sh', '-c', ${JSON.stringify(script)}], process.env);
  `;
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], { detached: true });
  await eventually(() => existsSync(at('started')), soon);

  process.kill(-(starter.pid ?? NaN), 'SIGKILL');
  await eventually(() => starter.signalCode === 'SIGKILL', soon);
  spawn('touch', [at('go')]);

  await eventually(() => existsSync(at('ended')), soon);
});
