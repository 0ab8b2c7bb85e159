import { expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** On every Linux; for a test that runs as root. */
const nobody = 65_534;

it('npm run e2e says why it can not run without root, and ends as a test run that has failed', () => {
  const isRoot = process.getuid?.() === 0;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../e2e.ts')], {
    encoding: 'utf8',
    ...(isRoot && { uid: nobody, gid: nobody }),
  });

  const reason =
    process.platform === 'linux' ? /only root can make it, and this is user \d+/ : /made of Linux's namespaces/;
  expect(stderr).toMatch(reason);
  expect(stdout).toBe('\n0 passed, 1 failed, 0 skipped\n');
  expect(status).toBe(1);
});
