import type { Collecting, KeyFindings } from './collect-texts.ts';
import { syncNames } from './kubernetes-kind.ts';
import { annotationNaming, type Naming, type Place } from './naming.ts';
import { isOneSlipAway, nearestName } from './nearest-name.ts';
import { mostTold, type Problem } from './problem.ts';
import type { Rows, SettingsTable } from './setting.ts';

/** A key of a source that locates a place, and how that source spells them. */
export interface GivenKey {
  readonly key: string;
  readonly place: Place;
  readonly naming: Naming;
}

/** Says what is wrong with a key that is no setting, and what was probably meant. */
export function reportUnknown(given: GivenKey, context: Collecting): void {
  const { key, place, naming } = given;
  const { table, syncs, findings, mayNameOthers } = context;
  const { sync, row } = place;
  const annotation = naming === annotationNaming ? null : annotationNaming.locate(key, []);
  if (annotation) {
    const fault = 'is spelled as an annotation';
    findings.problems.set(key, { where: key, kind: 'unknown', fault, nearest: naming.spell(annotation) });
    findings.meant.push(annotation);
  } else if (sync !== null && !syncs.includes(sync)) {
    if (!mayNameOthers) reportUnknownSync(given, context);
  } else if (sync !== null && Object.hasOwn(table.process, row)) {
    const fault = 'is a setting of the whole process and takes no sync name';
    findings.problems.set(key, { where: key, kind: 'refused', fault, nearest: naming.spell({ row, sync: null }) });
  } else {
    reportUnknownRow(given, table, findings);
  }
}

/** Whether a further problem is told in full. Who has more may have tens of thousands, and each hint takes many comparisons. */
function isTold({ problems }: KeyFindings): boolean {
  return problems.size < mostTold;
}

function reportUnknownSync({ key, place, naming }: GivenKey, { table, syncs, findings }: Collecting): void {
  const problem: Problem = {
    where: key,
    kind: 'unknown',
    fault: `there is no sync called ${JSON.stringify(place.sync)}`,
  };
  if (!isTold(findings)) return void findings.problems.set(key, problem);
  const nearest = nearestName(place.sync ?? '', syncs);
  const meant = { ...place, ...(nearest !== undefined && { sync: nearest }) };
  findings.meant.push(meant);
  const names = naming.spell({ row: syncsRow(table), sync: null });
  const accepts =
    syncs.length > 0
      ? `the syncs ${syncs.join(', ')}`
      : `a sync that ${names} names, as ${names}=${JSON.stringify(place.sync)} does`;
  findings.problems.set(key, { ...problem, accepts, nearest: nearest && naming.spell(meant) });
}

/** The row that names the syncs; empty in a table without it. */
export function syncsRow({ process }: SettingsTable): string {
  return Object.keys(process).find((name) => process[name]?.kind === (syncNames as unknown)) ?? '';
}

function reportUnknownRow({ key, place, naming }: GivenKey, table: SettingsTable, findings: KeyFindings): void {
  const isSought = isTold(findings) || !naming.ownsItsNames;
  const nearest = isSought ? nearestRow(place.row, rowsAt(table, place.sync), naming) : undefined;
  const meant = nearest === undefined ? undefined : { ...place, row: nearest };
  const finding: Problem = { where: key, kind: 'unknown', fault: 'is no setting', ...hint(meant, naming, isSought) };
  if (naming.ownsItsNames || place.sync !== null) {
    findings.problems.set(key, finding);
    if (meant) findings.meant.push(meant);
  } else if (nearest && isLikelyMisspelt(key, nearest)) findings.warnings.set(key, finding);
}

function rowsAt({ process, sync: syncRows }: SettingsTable, sync: string | null): Rows {
  return sync === null ? { ...process, ...syncRows } : syncRows;
}

/** The nearest name, or what says the same where the source may not set that one. */
function nearestRow(row: string, rows: Rows, naming: Naming): string | undefined {
  const isAccepted = (name: string): boolean => {
    const setting = rows[name];
    return setting !== undefined && naming.refusal(setting) === undefined;
  };
  const nearest = nearestName(row, Object.keys(rows));
  if (nearest === undefined || isAccepted(nearest)) return nearest;
  const { instead = '' } = rows[nearest] ?? {};
  return isAccepted(instead) ? instead : undefined;
}

function hint(meant: Place | undefined, naming: Naming, isSought: boolean): Partial<Problem> {
  if (meant) return { nearest: naming.spell(meant) };
  return isSought && naming.page !== undefined ? { accepts: `the settings of ${naming.page}` } : {};
}

/** Most variables of an environment are somebody else's: POD_NAMESPACE and LEVEL are no misspelt NAMESPACE and LABEL. */
function isLikelyMisspelt(variable: string, row: string): boolean {
  return row.length >= 5 && isOneSlipAway(variable, row) && !variable.endsWith(`_${row}`);
}
