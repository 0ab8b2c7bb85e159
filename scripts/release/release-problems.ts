import type { Section } from './changelog.ts';
import type { StatedVersion } from './stated-versions.ts';

export interface Checkout {
  readonly versions: readonly StatedVersion[];
  readonly changelog: readonly Section[];
}

/** Why the checkout can't be released under that tag, all of it; none: it can. */
export function releaseProblems(tag: string, { versions, changelog }: Checkout, today: string): string[] {
  const version = versionOfTag(tag);
  if (version === undefined) {
    return [`${JSON.stringify(tag)} is not the tag of a release: that is v and a version, such as v0.1.0`];
  }
  const others = versions.filter((stated) => stated.version !== version);
  return [
    ...others.map(({ place, version: other }) => `${place} is ${other}, not ${version}`),
    ...sectionProblem(changelog[0], `${version} - ${today}`),
  ];
}

/** The version that a tag stands for; undefined: none. Without `+build`, which the tag of an image can't have. */
export function versionOfTag(tag: string): string | undefined {
  return /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(tag)?.[1];
}

function sectionProblem(newest: Section | undefined, wanted: string): string[] {
  const [version] = wanted.split(' - ');
  const heading = newest === undefined ? 'no section' : `"## ${newest.heading}"`;
  if (newest?.version !== version || newest?.date === undefined) {
    return [`CHANGELOG.md begins with ${heading}, not with "## ${wanted}"`];
  }
  return newest.text === '' ? [`CHANGELOG.md says nothing below "## ${newest.heading}"`] : [];
}
