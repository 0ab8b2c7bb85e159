import { labelSelector } from './kubernetes-kind.ts';
import type { Naming } from './naming.ts';
import type { Problem } from './problem.ts';
import type { SyncSettings } from './sidecar-settings.ts';

type SelectorSettings = Pick<SyncSettings, 'LABEL' | 'LABEL_VALUE'>;

/** The label selector of a sync, as the API server takes it. */
export function syncSelector({ LABEL, LABEL_VALUE }: SelectorSettings): string {
  // Only with RESOURCE_NAME, where labels don't count, there may be no LABEL.
  return LABEL_VALUE ? `${LABEL}=${LABEL_VALUE}` : (LABEL ?? '');
}

interface NamedSelection {
  readonly name: string | null;
  readonly settings: SelectorSettings & Pick<SyncSettings, 'RESOURCE_NAME'>;
}

/** The syncs whose LABEL and LABEL_VALUE make no selector together, since LABEL is a whole one already: a problem for each. */
export function selectorProblems(syncs: readonly NamedSelection[], naming: Naming): Problem[] {
  // With RESOURCE_NAME labels don't count.
  const selecting = syncs.filter(({ settings }) => !settings.RESOURCE_NAME);
  // Most syncs share theirs: each is parsed once.
  const selectors = new Set(selecting.map(({ settings }) => syncSelector(settings)));
  const unusable = new Set([...selectors].filter((selector) => labelSelector.parse(selector) === undefined));
  return selecting
    .filter(({ settings }) => unusable.has(syncSelector(settings)))
    .map(({ name: sync, settings }) => ({
      where: naming.spell({ row: 'LABEL_VALUE', sync }),
      kind: 'not-accepted',
      given: settings.LABEL_VALUE ?? '',
      fault: `cannot be added to ${naming.spell({ row: 'LABEL', sync })}=${JSON.stringify(settings.LABEL)}`,
      accepts: 'a value only where the label is a key',
    }));
}
