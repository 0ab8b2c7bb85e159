import { describe, expect, it } from '@jest/globals';
import { sectionsOf } from './changelog.ts';
import { releaseProblems, versionOfTag, type Checkout } from './release-problems.ts';

const today = '2026-11-26';

function checkout(version: string, changelog = `## ${version} - 2026-11-20\n\n- First.\n`): Checkout {
  const places = ['package.json: version', 'manifests/chart/Chart.yaml: appVersion'];
  return { versions: places.map((place) => ({ place, version })), changelog: sectionsOf(changelog) };
}

describe('a checkout', () => {
  it('can be released under the tag of its version', () => {
    expect(releaseProblems('v0.1.0', checkout('0.1.0'), today)).toEqual([]);
    expect(releaseProblems('v0.2.0-rc.1', checkout('0.2.0-rc.1'), today)).toEqual([]);
  });

  it('can not under another one, and hears of every place', () => {
    expect(releaseProblems('v0.2.0', checkout('0.1.0'), today)).toEqual([
      'package.json: version is 0.1.0, not 0.2.0',
      'manifests/chart/Chart.yaml: appVersion is 0.1.0, not 0.2.0',
      'CHANGELOG.md begins with "## 0.1.0 - 2026-11-20", not with "## 0.2.0 - 2026-11-26"',
    ]);
  });

  it.each([
    [
      '## 0.1.0 - not released\n\n- First.\n',
      'begins with "## 0.1.0 - not released", not with "## 0.1.0 - 2026-11-26"',
    ],
    ['## 0.1.0\n\n- First.\n', 'begins with "## 0.1.0", not with "## 0.1.0 - 2026-11-26"'],
    [
      '## Unreleased\n\n- More.\n\n## 0.1.0 - 2026-11-20\n\n- First.\n',
      'begins with "## Unreleased", not with "## 0.1.0 - 2026-11-26"',
    ],
    ['# Changelog\n', 'begins with no section, not with "## 0.1.0 - 2026-11-26"'],
    ['## 0.1.0 - 2026-11-20\n\n', 'says nothing below "## 0.1.0 - 2026-11-20"'],
  ])('can not with the changelog %j', (changelog, problem) => {
    expect(releaseProblems('v0.1.0', checkout('0.1.0', changelog), today)).toEqual([`CHANGELOG.md ${problem}`]);
  });

  it.each(['0.1.0', 'v0.1', 'v1', 'v0.1.0+build', 'latest', ''])('can not under %j, which is no tag', (tag) => {
    expect(releaseProblems(tag, checkout('0.1.0'), today)).toEqual([
      `${JSON.stringify(tag)} is not the tag of a release: that is v and a version, such as v0.1.0`,
    ]);
    expect(versionOfTag(tag)).toBeUndefined();
  });
});
