import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { watchReads } from './access-times.ts';

describe('access times', () => {
  it('tell which files were read, each once, and leave the times of change alone', async () => {
    using scratch = scratchFolder();
    using folder = scratchFolder();
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder.path, name), name);
    const changedAt = statSync(join(folder.path, 'a'), { bigint: true }).mtimeNs;

    const filesRead = await watchReads(folder.path, scratch.path);
    const before = filesRead();
    for (const name of ['a', 'a', 'c']) readFileSync(join(folder.path, name));

    expect({ before, after: filesRead() }).toEqual({ before: 0, after: 2 });
    expect(statSync(join(folder.path, 'a'), { bigint: true }).mtimeNs).toBe(changedAt);
  });
});
