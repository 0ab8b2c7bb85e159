import type { Naming, Place } from './naming.ts';
import { isOneSlipAway, nearestName } from './nearest-name.ts';
import { mostTold, type Problem } from './problem.ts';
import type { Rows, Setting, SettingsTable } from './setting.ts';

/** Where settings come from: an environment, a pod's annotations, a profile. Values are text, as given. */
export interface SettingsSource {
  readonly naming: Naming;
  readonly entries: Readonly<Record<string, string | undefined>>;
}

/** What a source says of a row, with the key that the person wrote. */
export interface Given {
  readonly key: string;
  readonly text: string;
  /** How many characters it may have. */
  readonly longest: number;
  /** Index of the source; 0 is the strongest. */
  readonly strength: number;
}

/** A source's texts by sync and row. */
export type Texts = ReadonlyMap<string | null, ReadonlyMap<string, Given>>;

export interface Collecting {
  readonly table: SettingsTable;
  readonly syncs: readonly string[];
  readonly findings: KeyFindings;
  readonly strength: number;
  /** A weaker source may set something for a sync that a stronger one leaves out of its list. */
  readonly mayNameOthers: boolean;
}

/** What is wrong with keys, by key: warnings are names that are probably misspelled but may be somebody else's. */
export interface KeyFindings {
  readonly problems: Map<string, Problem>;
  readonly warnings: Map<string, Problem>;
}

/** What a source says, by sync and row; what it can't say is found to be a problem. */
export function collectTexts({ naming, entries }: SettingsSource, context: Collecting): Texts {
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
    else if (!isUnset(setting, text))
      textsOf(place.sync, texts).set(place.row, { key, text, longest: naming.longestText, strength });
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
    if (mayNameOthers) return;
    const fault = `there is no sync called ${JSON.stringify(sync)}`;
    const hints = isTold(findings) ? syncHints({ place, naming }, syncs) : {};
    findings.problems.set(key, { where: key, kind: 'unknown', fault, ...hints });
  } else if (sync !== null && Object.hasOwn(table.process, row)) {
    const fault = 'is a setting of the whole process and takes no sync name';
    findings.problems.set(key, { where: key, kind: 'refused', fault, nearest: naming.spell({ row, sync: null }) });
  } else {
    reportUnknownRow({ key, place, naming }, table, findings);
  }
}

/** Whether a further problem is told in full. Who has more may have tens of thousands, and each hint takes many comparisons. */
function isTold({ problems }: KeyFindings): boolean {
  return problems.size < mostTold;
}

function reportUnknownRow({ key, place, naming }: GivenKey, table: SettingsTable, findings: KeyFindings): void {
  const isSought = isTold(findings) || !naming.ownsItsNames;
  const nearest = isSought ? nearestName(place.row, Object.keys(rowsAt(table, place.sync))) : undefined;
  const meant = nearest && naming.spell({ ...place, row: nearest });
  const finding: Problem = { where: key, kind: 'unknown', fault: 'is no setting', nearest: meant };
  if (naming.ownsItsNames || place.sync !== null) findings.problems.set(key, finding);
  else if (nearest && isLikelyMisspelt(key, nearest)) findings.warnings.set(key, finding);
}

/** Most variables of an environment are somebody else's: POD_NAMESPACE and LEVEL are no misspelt NAMESPACE and LABEL. */
function isLikelyMisspelt(variable: string, row: string): boolean {
  return row.length >= 5 && isOneSlipAway(variable, row) && !variable.endsWith(`_${row}`);
}

function syncHints({ place, naming }: Omit<GivenKey, 'key'>, syncs: readonly string[]): Partial<Problem> {
  const nearest = nearestName(place.sync ?? '', syncs);
  return {
    accepts: syncs.length > 0 ? `the syncs ${syncs.join(', ')}` : 'no sync name, as no syncs are named',
    nearest: nearest && naming.spell({ ...place, sync: nearest }),
  };
}
