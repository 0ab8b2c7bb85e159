import { describe, expect, it } from '@jest/globals';
import { sectionsOf } from './changelog.ts';

const changelog = [
  '# Changelog',
  '',
  'What users see.',
  '',
  '## Unreleased',
  '',
  '## 0.2.0-rc.1 - 2026-12-24',
  '',
  '### Sidecar',
  '',
  '- Faster.',
  '',
  '## 0.1.0 - not released',
  '',
  '- First.',
  '',
].join('\n');

describe('the sections of a changelog', () => {
  it('have version, date and text', () => {
    expect(sectionsOf(changelog)).toEqual([
      { heading: 'Unreleased', version: undefined, date: undefined, text: '' },
      {
        heading: '0.2.0-rc.1 - 2026-12-24',
        version: '0.2.0-rc.1',
        date: '2026-12-24',
        text: '### Sidecar\n\n- Faster.',
      },
      { heading: '0.1.0 - not released', version: '0.1.0', date: undefined, text: '- First.' },
    ]);
  });

  it('are none where there is no heading', () => {
    expect(sectionsOf('# Changelog\n\nNothing yet.\n')).toEqual([]);
  });
});
