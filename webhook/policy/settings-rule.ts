import type { ResourceName } from '../../shared/settings/kubernetes-kind.ts';
import type { Override } from '../../shared/settings/read-settings.ts';
import type { SettingsRule } from './policy.ts';
import type { RuleFault } from './policy-problems.ts';
import { nameOf } from './setting-name.ts';

/** What `policy.settings` has against a pod that makes a setting. */
export function deniedFault(override: Override, { allow, deny = [] }: SettingsRule = {}): RuleFault | undefined {
  // A pod may always say whether it wants the sidecar.
  if (override.row === 'INJECT') return undefined;
  const { named, replaced } = rowsOf(override);
  const denied = [...named, ...replaced].find((row) => deny.includes(row));
  const rule = 'may not be set by a pod: policy.settings';
  if (denied !== undefined) return { fault: `${rule}.deny has ${subject(denied, override)}`, accepts: withoutIt };
  const missing = allow && named.find((row) => !allow.includes(row));
  if (missing === undefined) return undefined;
  return {
    fault: `${rule}.allow lacks ${subject(missing, override)}`,
    accepts: allow?.map(nameOf).join(', ') || withoutIt,
  };
}

/** What `policy.locked` has against a pod that makes a setting, and doesn't repeat what holds without it. */
export function lockedFault(override: Override, locked: readonly string[] = []): RuleFault | undefined {
  const { named, replaced } = rowsOf(override);
  const row = [...named, ...replaced].find((each) => locked.includes(each));
  if (row === undefined) return undefined;
  const { otherwise, setting } = override;
  const isShown = row === override.row && otherwise !== undefined && !setting.secret && !setting.kind.redact;
  const accepts = isShown ? `${setting.kind.print(otherwise)}, or ${withoutIt}` : withoutIt;
  return { fault: `is locked: policy.locked has ${subject(row, override)}`, accepts };
}

const withoutIt = 'pods without it';

// Settings that count in place of others, which a rule about those is about too.
const inPlaceOf: Readonly<Record<string, readonly string[]>> = {
  RESOURCE_NAME: ['LABEL', 'LABEL_VALUE'],
  REQ_PAYLOAD_TEMPLATE: ['REQ_PAYLOAD'],
  REQ_PAYLOAD: ['REQ_PAYLOAD_TEMPLATE'],
  REQ_USERNAME_FROM: ['REQ_USERNAME'],
  URL_USERNAME_FROM: ['URL_USERNAME'],
};

/** The rows that a pod speaks for by one setting: names of objects may have a namespace in them, and what the platform says may be off. */
function rowsOf({ row, value, switchesOff = [] }: Override): { named: string[]; replaced: readonly string[] } {
  const replaced = [...(inPlaceOf[row] ?? []), ...switchesOff];
  if (row === 'LABEL' && isWholeSelector(value as string | undefined)) replaced.push('LABEL_VALUE');
  if (row !== 'RESOURCE_NAME') return { named: [row], replaced };
  const names = value as readonly ResourceName[] | undefined;
  const hasNamespace = names?.some(({ namespace }) => namespace !== undefined) ?? false;
  return { named: hasNamespace ? [row, 'NAMESPACE'] : [row], replaced };
}

/** Whether a label is no key: it names values itself, and then there may be none beside it. */
function isWholeSelector(label = ''): boolean {
  return /[=(!]/.test(label);
}

function subject(row: string, override: Override): string {
  return row === override.row ? 'it' : `${nameOf(row)}, for which it stands`;
}
