import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { readText, textOf } from './read-text.ts';

let scratch: ReturnType<typeof scratchFolder>;

beforeEach(() => {
  scratch = scratchFolder();
});

afterEach(() => scratch[Symbol.dispose]());

describe('a text', () => {
  it('is that of a file, with its byte order mark', async () => {
    const path = join(scratch.path, 'a.yaml');
    writeFileSync(path, '\uFEFFä');

    expect(await readText(path)).toEqual({ text: '\uFEFFä' });
  });

  it('is none of what is not there, nor of a folder', async () => {
    const missing = join(scratch.path, 'none.yaml');

    expect(await readText(missing)).toEqual({ faults: [`${missing} is not there`] });
    expect(await readText(scratch.path)).toEqual({
      faults: [`${scratch.path} is a folder; name one file, or - for stdin`],
    });
  });

  it('is none of what is not UTF-8', () => {
    const utf16 = Buffer.from('\uFEFFkind: Pod', 'utf16le');
    const [bigEndian, latin1] = [Buffer.from(utf16).swap16(), Buffer.from('ä', 'latin1')];

    expect([utf16, bigEndian, latin1].map((bytes) => textOf(bytes, 'a'))).toEqual([
      { faults: ['a is not UTF-8 but UTF-16: save it as UTF-8'] },
      { faults: ['a is not UTF-8 but UTF-16: save it as UTF-8'] },
      { faults: ['a is not UTF-8: save it as UTF-8'] },
    ]);
  });
});
