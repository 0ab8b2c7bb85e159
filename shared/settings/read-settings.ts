import { counting, switchedOff, type Saying } from './alternatives.ts';
import { collectTexts, type Given, type KeyFindings, type SettingsSource, type Texts } from './collect-texts.ts';
import type { Naming, Place } from './naming.ts';
import { nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';
import { syncNames } from './kubernetes-kind.ts';
import type { Rows, Setting, SettingsTable, Values } from './setting.ts';
import { syncsRow } from './unknown-key.ts';

/** The settings of one sync; `name` is null for the only sync of a process that names none. */
export interface NamedSync<S extends Rows> {
  readonly name: string | null;
  readonly settings: Values<S>;
}

/** All settings of a program, typed by its table. */
export interface Settings<T extends SettingsTable> {
  readonly process: Values<T['process']>;
  readonly syncs: readonly NamedSync<T['sync']>[];
}

/** A value that the strongest source gives, and what would count without it. */
export interface Override {
  readonly row: string;
  /** The sync that it counts for; null for the process, and for the only sync of a process that names none. */
  readonly sync: string | null;
  readonly setting: Setting<unknown>;
  /** As the person spelled the setting. */
  readonly key: string;
  /** Undefined where the text is not accepted. */
  readonly value: NonNullable<unknown> | undefined;
  /** Undefined too where nothing would. */
  readonly otherwise: NonNullable<unknown> | undefined;
  /** The rows that weaker sources set, and that don't count beside this one. */
  readonly switchesOff?: readonly string[];
}

/** Where values come from, by sync and row; the sync is null for the process too. What is the table's default has none. */
export type Origins = ReadonlyMap<string | null, ReadonlyMap<string, Given>>;

/** Either the settings or every problem with them. Warnings are names that are probably misspelled but may be somebody else's. */
export type Reading<T extends SettingsTable> = {
  /** Those of the process alone, also where others have problems; what is not accepted is undefined. */
  readonly process: Partial<Values<T['process']>>;
  readonly warnings: readonly Problem[];
  readonly overrides: readonly Override[];
  readonly origins: Origins;
} & (
  | { readonly settings: Settings<T>; readonly problems: readonly [] }
  | { readonly settings: null; readonly problems: readonly Problem[] }
);

/**
 * Reads a table's settings from `sources`, the strongest first. A value of a stronger source beats every value of a weaker one;
 * within one source a sync's own value beats the default of all syncs; then comes the table's default. A value switches off what
 * weaker sources say by its alternatives.
 */
export function readSettings<T extends SettingsTable>(table: T, sources: readonly SettingsSource[]): Reading<T> {
  const findings: Findings = { problems: new Map(), warnings: new Map(), meant: [], overrides: [], origins: new Map() };
  const { names: syncs, namedBy } = readSyncNames(table, sources, findings);
  const texts = sources.map((source, strength) =>
    collectTexts(source, { table, syncs, findings, strength, mayNameOthers: strength > namedBy }),
  );
  const reading = { texts, naming: sources[0]?.naming, parsed: new Map<Given, unknown>(), findings };
  const settings = {
    process: readValues(table.process, null, reading),
    syncs: (syncs.length === 0 ? [null] : syncs).map((name) => ({
      name,
      settings: readValues(table.sync, name, reading),
    })),
  };
  const problems = [...findings.problems.values()];
  // The rows' kinds made the values, so that the table's types hold for them; a loop over a table can't show that to the compiler.
  const process = settings.process as Partial<Values<T['process']>>;
  const others = {
    process,
    warnings: [...findings.warnings.values()],
    overrides: findings.overrides,
    origins: findings.origins,
  };
  return problems.length > 0
    ? { settings: null, problems, ...others }
    : { settings: settings as unknown as Settings<T>, problems: [], ...others };
}

interface SyncNames {
  readonly names: readonly string[];
  /** Index of the source that names them. */
  readonly namedBy: number;
}

/** The names of the syncs: they say how all other keys are to be read, so that they are read first. */
function readSyncNames(table: SettingsTable, sources: readonly SettingsSource[], findings: Findings): SyncNames {
  const row = syncsRow(table);
  const keys = sources.map(({ naming }) => naming.spell({ row, sync: null }));
  const namedBy = sources.findIndex(({ entries }, index) => (entries[keys[index] ?? ''] ?? '').trim() !== '');
  const key = keys[namedBy];
  if (row === '' || key === undefined) return { names: [], namedBy: Infinity };
  const given = sources[namedBy]?.entries[key] ?? '';
  const names = syncNames.parse(given);
  if (names) return { names, namedBy };
  const { accepts } = syncNames;
  findings.problems.set(key, { where: key, kind: 'not-accepted', given, fault: 'is not accepted', accepts });
  return { names: [], namedBy };
}

/** What was found, by where it was found: a default of all syncs is read once for each sync and still one problem. */
interface Findings extends KeyFindings {
  readonly overrides: Override[];
  readonly origins: Map<string | null, Map<string, Given>>;
}

interface ReadingValues {
  /** Of each source, the strongest first. */
  readonly texts: readonly Texts[];
  /** Of the strongest source: what is missing is best said there. */
  readonly naming: Naming | undefined;
  /** A default of all syncs is read once for all of them. */
  readonly parsed: Map<Given, unknown>;
  readonly findings: Findings;
}

function readValues(
  rows: Rows,
  sync: string | null,
  { texts, naming, parsed, findings }: ReadingValues,
): Record<string, unknown> {
  const said = saidFor(sync, texts);
  const origins = findings.origins.get(sync) ?? new Map<string, Given>();
  findings.origins.set(sync, origins);
  const { entries, defaults } = startOf(rows);
  const values = { ...defaults };
  for (const [row, setting] of entries) {
    const given = said.has(row) ? counting(row, { said, rows })[0] : undefined;
    if (given) {
      origins.set(row, given);
      values[row] = readValue({ row, sync, setting, given }, { said, rows }, { parsed, findings });
    } else if (setting.required && isMissing({ row, sync, setting }, said, findings))
      reportMissing(setting, naming?.spell({ row, sync }) ?? row, findings);
  }
  return values;
}

/** What every reading of the same rows starts from. */
interface Start {
  readonly entries: readonly (readonly [row: string, Setting<unknown>])[];
  readonly defaults: Readonly<Record<string, unknown>>;
}

const starts = new WeakMap<Rows, Start>();

// Kept, as an object filled row by row is a hash table for V8: to make and to copy those was half of the time of a review.
function startOf(rows: Rows): Start {
  const known = starts.get(rows);
  if (known) return known;
  const entries = Object.entries(rows);
  const start = { entries, defaults: Object.fromEntries(entries.map(([row, setting]) => [row, setting.default])) };
  starts.set(rows, start);
  return start;
}

/** What the sources say for a sync; in each its own value stands before the default of all syncs. */
function saidFor(sync: string | null, texts: readonly Texts[]): Saying['said'] {
  const said = new Map<string, [Given, ...Given[]]>();
  for (const source of texts)
    for (const [row, given] of new Map([...(source.get(null) ?? []), ...(source.get(sync) ?? [])])) {
      const stronger = said.get(row);
      if (stronger) stronger.push(given);
      else said.set(row, [given]);
    }
  return said;
}

interface GivenPlace extends Place {
  readonly setting: Setting<unknown>;
  /** What counts. */
  readonly given: Given;
}

function readValue(
  { row, sync, setting, given }: GivenPlace,
  saying: Saying,
  { parsed, findings }: Pick<ReadingValues, 'parsed' | 'findings'>,
): unknown {
  const { key, strength } = given;
  const value = parse(setting, given, parsed);
  if (value === undefined) findings.problems.set(key, notAccepted(setting, given));
  if (strength === 0) {
    const [below] = counting(row, saying, 1);
    const otherwise = below ? parse(setting, below, parsed) : (setting.default ?? undefined);
    const off = switchedOff(row, saying);
    findings.overrides.push({ row, sync, setting, key, value, otherwise, ...(off.length > 0 && { switchesOff: off }) });
  }
  return value;
}

function parse({ kind }: Setting<unknown>, given: Given, parsed: Map<Given, unknown>) {
  if (!parsed.has(given)) parsed.set(given, isTooLong(given) ? undefined : kind.parse(given.text));
  return parsed.get(given) as NonNullable<unknown> | undefined;
}

function isTooLong({ text, longest }: Given): boolean {
  return text.length > longest;
}

/** A required row that nobody sets is missing, unless what makes it needless is set, or a key that is told to be none was meant to say it. */
function isMissing(
  { row, sync, setting }: Omit<GivenPlace, 'given'>,
  said: Saying['said'],
  { meant }: Findings,
): boolean {
  if (said.has(setting.unless ?? '')) return false;
  return !meant.some((place) => place.row === row && (place.sync === null || sync === null || place.sync === sync));
}

function reportMissing({ kind }: Setting<unknown>, where: string, findings: Findings): void {
  const fault = 'is required and not set';
  findings.problems.set(where, { where, kind: 'missing', fault, accepts: kind.accepts });
}

/** Nobody can say which part of a text is secret that isn't even what it should be. */
function notAccepted({ kind, secret }: Setting<unknown>, given: Given): Problem {
  const problem = { where: given.key, kind: 'not-accepted' } as const;
  if (isTooLong(given)) {
    return { ...problem, fault: `has ${given.text.length} characters`, accepts: `at most ${given.longest}` };
  }
  return {
    ...problem,
    ...(secret || kind.redact ? {} : { given: given.text }),
    fault: 'is not accepted',
    accepts: kind.accepts,
    nearest: kind.words && nearestName(given.text, kind.words),
    ...kind.explain?.(given.text),
  };
}
