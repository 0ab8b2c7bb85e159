import type { Naming, Place } from './naming.ts';
import type { Problem } from './problem.ts';
import type { Setting, SettingsTable } from './setting.ts';
import { reportUnknown, type GivenKey } from './unknown-key.ts';

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
  /** What keys that are no setting were probably meant to say: it isn't missing besides. */
  readonly meant: Place[];
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

function isUnset({ kind }: Setting<unknown>, text: string): boolean {
  return text.trim() === '' || (kind.isUnset?.(text) ?? false);
}
