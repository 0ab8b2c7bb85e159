import type { Naming, Place } from './naming.ts';
import { isOneSlipAway, nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';
import { syncNames } from './kubernetes-kind.ts';
import type { Rows, Setting, SettingsTable, Values } from './setting.ts';

/** Where settings come from: an environment, a pod's annotations, a profile. Values are text, as given. */
export interface SettingsSource {
  readonly naming: Naming;
  readonly entries: Readonly<Record<string, string | undefined>>;
}

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
}

/** Either the settings or every problem with them. Warnings are names that are probably misspelled but may be somebody else's. */
export type Reading<T extends SettingsTable> = {
  /** Those of the process alone, also where others have problems; what is not accepted is undefined. */
  readonly process: Partial<Values<T['process']>>;
  readonly warnings: readonly Problem[];
  readonly overrides: readonly Override[];
} & (
  | { readonly settings: Settings<T>; readonly problems: readonly [] }
  | { readonly settings: null; readonly problems: readonly Problem[] }
);

/**
 * Reads a table's settings from `sources`, the strongest first. A value of a stronger source beats every value of a weaker one;
 * within one source a sync's own value beats the default of all syncs; then comes the table's default.
 */
export function readSettings<T extends SettingsTable>(table: T, sources: readonly SettingsSource[]): Reading<T> {
  const findings: Findings = { problems: new Map(), warnings: new Map(), overrides: [] };
  const { names: syncs, namedBy } = readSyncNames(table, sources, findings);
  const texts = sources.map((source, strength) =>
    collect(source, { table, syncs, findings, strength, mayNameOthers: strength > namedBy }),
  );
  const reading = { texts, naming: sources[0]?.naming, findings };
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
  const others = { process, warnings: [...findings.warnings.values()], overrides: findings.overrides };
  return problems.length > 0
    ? { settings: null, problems, ...others }
    : { settings: settings as unknown as Settings<T>, problems: [], ...others };
}

/** What was found, by where it was found: a default of all syncs is read once for each sync and still one problem. */
interface Findings {
  readonly problems: Map<string, Problem>;
  readonly warnings: Map<string, Problem>;
  readonly overrides: Override[];
}

/** What a source says of a row, with the key that the person wrote. */
interface Given {
  readonly key: string;
  readonly text: string;
  /** Index of the source; 0 is the strongest. */
  readonly strength: number;
}

/** A source's texts by sync and row. */
type Texts = ReadonlyMap<string | null, ReadonlyMap<string, Given>>;

interface SyncNames {
  readonly names: readonly string[];
  /** Index of the source that names them. */
  readonly namedBy: number;
}

/** The names of the syncs: they say how all other keys are to be read, so that they are read first. */
function readSyncNames(table: SettingsTable, sources: readonly SettingsSource[], findings: Findings): SyncNames {
  const row = Object.keys(table.process).find((name) => table.process[name]?.kind === (syncNames as unknown)) ?? '';
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

interface Collecting {
  readonly table: SettingsTable;
  readonly syncs: readonly string[];
  readonly findings: Findings;
  readonly strength: number;
  /** A weaker source may set something for a sync that a stronger one leaves out of its list. */
  readonly mayNameOthers: boolean;
}

function collect({ naming, entries }: SettingsSource, context: Collecting): Texts {
  const { strength } = context;
  const texts = new Map<string | null, Map<string, Given>>();
  for (const [key, text = ''] of Object.entries(entries)) {
    const place = naming.locate(key, context.syncs);
    if (!place) continue;
    const setting = rowAt(context, place);
    const refusal = setting && naming.refusal(setting);
    if (!setting) reportUnknown({ key, place, naming }, context);
    else if (refusal !== undefined)
      context.findings.problems.set(key, refused({ key, place, naming }, setting, refusal));
    else if (!isUnset(setting, text)) textsOf(place.sync, texts).set(place.row, { key, text, strength });
  }
  return texts;
}

function textsOf(sync: string | null, texts: Map<string | null, Map<string, Given>>): Map<string, Given> {
  const present = texts.get(sync);
  if (present) return present;
  const empty = new Map<string, Given>();
  texts.set(sync, empty);
  return empty;
}

function refused({ key, place, naming }: GivenKey, { instead }: Setting<unknown>, fault: string): Problem {
  return { where: key, kind: 'refused', fault, ...(instead && { nearest: naming.spell({ ...place, row: instead }) }) };
}

/** The row of a place that exists: one of our rows, of a sync that there is. */
function rowAt({ table, syncs }: Collecting, { sync, row }: Place): Setting<unknown> | undefined {
  if (sync !== null && !syncs.includes(sync)) return undefined;
  const rows = sync === null && Object.hasOwn(table.process, row) ? table.process : table.sync;
  return Object.hasOwn(rows, row) ? rows[row] : undefined;
}

function rowsAt({ process, sync: syncRows }: SettingsTable, sync: string | null): Rows {
  return sync === null ? { ...process, ...syncRows } : syncRows;
}

function isUnset({ kind }: Setting<unknown>, text: string): boolean {
  return text.trim() === '' || (kind.isUnset?.(text) ?? false);
}

interface GivenKey {
  readonly key: string;
  readonly place: Place;
  readonly naming: Naming;
}

function reportUnknown({ key, place, naming }: GivenKey, { table, syncs, findings, mayNameOthers }: Collecting): void {
  const { sync, row } = place;
  if (sync !== null && !syncs.includes(sync)) {
    if (!mayNameOthers) findings.problems.set(key, unknownSync({ key, place, naming }, syncs));
  } else if (sync !== null && Object.hasOwn(table.process, row)) {
    const fault = 'is a setting of the whole process and takes no sync name';
    findings.problems.set(key, { where: key, kind: 'refused', fault, nearest: naming.spell({ row, sync: null }) });
  } else {
    reportUnknownRow({ key, place, naming }, Object.keys(rowsAt(table, sync)), findings);
  }
}

function reportUnknownRow({ key, place, naming }: GivenKey, rows: readonly string[], findings: Findings): void {
  const nearest = nearestName(place.row, rows);
  const meant = nearest && naming.spell({ ...place, row: nearest });
  const finding: Problem = { where: key, kind: 'unknown', fault: 'is no setting', nearest: meant };
  if (naming.ownsItsNames || place.sync !== null) findings.problems.set(key, finding);
  else if (nearest && isLikelyMisspelt(key, nearest)) findings.warnings.set(key, finding);
}

/** Most variables of an environment are somebody else's: POD_NAMESPACE and LEVEL are no misspelt NAMESPACE and LABEL. */
function isLikelyMisspelt(variable: string, row: string): boolean {
  return row.length >= 5 && isOneSlipAway(variable, row) && !variable.endsWith(`_${row}`);
}

function unknownSync({ key, place, naming }: GivenKey, syncs: readonly string[]): Problem {
  const nearest = nearestName(place.sync ?? '', syncs);
  return {
    where: key,
    kind: 'unknown',
    fault: `there is no sync called ${JSON.stringify(place.sync)}`,
    accepts: syncs.length > 0 ? `the syncs ${syncs.join(', ')}` : 'no sync name, as no syncs are named',
    nearest: nearest && naming.spell({ ...place, sync: nearest }),
  };
}

interface ReadingValues {
  /** Of each source, the strongest first. */
  readonly texts: readonly Texts[];
  /** Of the strongest source: what is missing is best said there. */
  readonly naming: Naming | undefined;
  readonly findings: Findings;
}

function readValues(
  rows: Rows,
  sync: string | null,
  { texts, naming, findings }: ReadingValues,
): Record<string, unknown> {
  const given = givenFor(sync, texts);
  const values: Record<string, unknown> = {};
  // No list of the rows, and one look for each: a review reads some hundred rows for each sync.
  for (const row in rows) {
    const setting = rows[row]!;
    const said = given.get(row);
    if (!said && setting.required) reportMissing(setting, naming?.spell({ row, sync }) ?? row, findings);
    values[row] = said ? readValue(setting, { row, sync, said }, findings) : setting.default;
  }
  return values;
}

/** What the sources say for a sync, by row, the strongest first; in each its own value stands before the default of all syncs. */
function givenFor(sync: string | null, texts: readonly Texts[]): ReadonlyMap<string, Said> {
  const given = new Map<string, Said>();
  for (const source of texts)
    for (const [row, said] of new Map([...(source.get(null) ?? []), ...(source.get(sync) ?? [])])) {
      const stronger = given.get(row);
      if (stronger) stronger.push(said);
      else given.set(row, [said]);
    }
  return given;
}

/** The strongest first. */
type Said = [Given, ...Given[]];

interface SaidOfPlace extends Place {
  readonly said: Said;
}

function readValue(setting: Setting<unknown>, { row, sync, said }: SaidOfPlace, findings: Findings): unknown {
  const [first, below] = said;
  const value = setting.kind.parse(first.text);
  if (value === undefined) findings.problems.set(first.key, notAccepted(setting, first));
  if (first.strength === 0) {
    const otherwise = below ? setting.kind.parse(below.text) : (setting.default ?? undefined);
    findings.overrides.push({ row, sync, setting, key: first.key, value, otherwise });
  }
  return value;
}

function reportMissing({ kind }: Setting<unknown>, where: string, findings: Findings): void {
  const fault = 'is required and not set';
  findings.problems.set(where, { where, kind: 'missing', fault, accepts: kind.accepts });
}

/** Nobody can say which part of a text is secret that isn't even what it should be. */
function notAccepted({ kind, secret }: Setting<unknown>, given: Given): Problem {
  return {
    where: given.key,
    kind: 'not-accepted',
    ...(secret || kind.redact ? {} : { given: given.text }),
    fault: 'is not accepted',
    accepts: kind.accepts,
    nearest: kind.words && nearestName(given.text, kind.words),
    ...kind.explain?.(given.text),
  };
}
