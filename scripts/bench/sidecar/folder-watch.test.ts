import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { countFiles, hasContent, watchFolder } from './folder-watch.ts';

describe('a watched folder', () => {
  it('tells when a file has its content', async () => {
    using folder = scratchFolder();
    using watching = watchFolder(folder.path);
    const seen = watching.until(() => hasContent(folder.path, 'a', 'new'), 10_000);

    writeFileSync(join(folder.path, 'a'), 'old');
    const writtenAt = performance.now();
    writeFileSync(join(folder.path, 'a'), 'new');

    expect(await seen).toBeGreaterThanOrEqual(writtenAt);
  });

  it('tells when it does not come in time', async () => {
    using folder = scratchFolder();
    using watching = watchFolder(folder.path);

    expect(await watching.until(() => hasContent(folder.path, 'a', 'new'), 1)).toBeUndefined();
  });

  it('has the files that an application sees, without hidden ones', () => {
    using folder = scratchFolder();
    for (const name of ['a', '.b', 'c']) writeFileSync(join(folder.path, name), '');

    expect(countFiles(folder.path)).toBe(2);
  });
});
