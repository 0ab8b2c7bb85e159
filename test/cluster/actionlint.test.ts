import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { bareEnvironment, runCommand } from '../control-plane/leashed-process.ts';
import { findOrBuildActionlint } from '../packaging/packaging-programs.ts';

const root = join(import.meta.dirname, '../..');

// Here, because it is the project whose global-setup builds what is missing.
it('actionlint has nothing to say about the workflows', async () => {
  const { signal } = new AbortController();
  const program = await findOrBuildActionlint({ env: process.env, onProgress: () => undefined, signal });
  const workflows = globSync('.github/workflows/*.yaml', { cwd: root });
  // Without the linters that it finds in PATH, as not every machine has them, nor the same version.
  const args = ['-no-color', '-shellcheck=', '-pyflakes=', ...workflows];

  const { code, stdout, stderr } = await runCommand({ command: program, args, cwd: root, env: bareEnvironment(root) });

  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(workflows).toHaveLength(2);
});
