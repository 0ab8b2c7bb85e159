/** What CHANGELOG.md says of one version. */
export interface Section {
  /** Its heading, without the `## `. */
  readonly heading: string;
  /** undefined: not a version, such as Unreleased. */
  readonly version: string | undefined;
  /** The day of the release, such as 2026-11-26; undefined: not released. */
  readonly date: string | undefined;
  readonly text: string;
}

/** The sections of a changelog, as they follow each other: the newest first. */
export function sectionsOf(changelog: string): Section[] {
  const [, ...sections] = changelog.split(/^## /m);
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return { heading, ...readHeading(heading), text: lines.join('\n').trim() };
  });
}

function readHeading(heading: string): Pick<Section, 'version' | 'date'> {
  const [, version, rest] = /^(\d\S*)(?: - (.*))?$/.exec(heading) ?? [];
  return { version, date: rest !== undefined && /^\d{4}-\d\d-\d\d$/.test(rest) ? rest : undefined };
}
