import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const files = globSync('manifests/examples/*.yaml', { cwd: root }).sort();

/** The lines that name an image, but our own. */
function imagesOfApplications(file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.filter((line) => /^ *(- )?image: (?!sync-sidecar:)/.test(line)).map((line) => line.trim());
}

describe('the images of the applications in the examples', () => {
  it.each(files)('have a version in %s, and leave the choice of it to the reader', (file) => {
    expect(imagesOfApplications(file).filter((line) => !/^\S+ \S+:\S+ # (.*; )?choose a version$/.test(line))).toEqual(
      [],
    );
  });

  it('are found', () => {
    expect(files.flatMap(imagesOfApplications).length).toBeGreaterThan(8);
  });
});
