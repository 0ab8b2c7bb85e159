import { levels, parseLevel } from '../log-levels.ts';
import { nearestName } from '../../settings/nearest-name.ts';

/** A section of the file. */
export type Section = Readonly<Record<string, unknown>>;

/** Takes sections of a logging configuration apart and gathers what is to be said about them. Never quotes more than names. */
export class Findings {
  /** What has no meaning here, such as `handlers.console.filters`. */
  readonly ignored: string[] = [];
  /** What Python would not take either. */
  readonly problems: string[] = [];

  /** A section; one that is left out is empty. */
  section(value: unknown, where: string): Section {
    if (value === undefined || value === null) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Section;
    this.problems.push(`${where}: must be a mapping`);
    return {};
  }

  /** The entry of a section that another place names; an empty section when there is none. */
  entry(section: Section, name: string, { from, kind }: { from: string; kind: string }): Section {
    if (Object.hasOwn(section, name)) return this.section(section[name], `${kind}s.${name}`);
    const nearest = nearestName(name, Object.keys(section));
    this.problems.push(`${from}: there is no ${kind} "${name}"${nearest ? `; did you mean ${nearest}?` : ''}`);
    return {};
  }

  /** A level in pino's numbers: a name of Python's or a number. */
  level(value: unknown, where: string): number {
    const level = parseLevel(value);
    if (level === undefined)
      this.problems.push(`${where}: is no level; accepts ${Object.keys(levels).join(', ')}, or a number`);
    return level ?? 0;
  }

  /** A number of bytes or files; left out it is 0. */
  count(value: unknown, where: string): number {
    if (value === undefined || value === null) return 0;
    if (typeof value === 'number' && value >= 0) return value;
    this.problems.push(`${where}: must be a number, at least 0`);
    return 0;
  }

  /** Notes all entries of a section that nobody has read. */
  ignoreAllBut(known: readonly string[], section: Section, where: string): void {
    const unread = Object.keys(section).filter((key) => !known.includes(key));
    this.ignored.push(...unread.map((key) => [where, key].filter((part) => part !== '').join('.')));
  }
}
