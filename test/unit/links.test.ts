import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPages } from '../documents/page-blocks.ts';

const root = join(import.meta.dirname, '../..');
const pages = readPages(root).map(({ path }) => path);

function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The links of a page that lead to our own files, but those in code. */
function ownLinks(page: string): string[] {
  const prose = read(page).replaceAll(/```.*?```|`[^`\n]*`/gs, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The names that the headings of a page have in links, as GitHub makes them. */
function anchors(page: string): string[] {
  const headings = [
    ...read(page)
      .replaceAll(/```.*?```/gs, '')
      .matchAll(/^#+ (.*)$/gm),
  ];
  return headings.map(([, heading = '']) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  // Beside the files of a repository GitHub has pages of its own.
  if (target === '../../security/advisories/new') return false;
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && !anchors(target).includes(anchor);
}

describe('the links to our own files and headings', () => {
  it.each(pages)('of %s lead somewhere', (page) => {
    expect(ownLinks(page).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it('are found', () => {
    expect(ownLinks('README.md')).toContain('docs/security.md');
    expect(pages).toContain('docs/security.md');
  });
});
