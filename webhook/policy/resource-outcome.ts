import type { Problem } from '../../shared/settings/problem.ts';
import type { Override } from '../../shared/settings/read-settings.ts';
import type { Resources } from '../pod.ts';
import { quantityValue } from '../quantity.ts';
import type { Policy } from './policy.ts';

/** The requests and limits of a sidecar as they would be without some annotations of its pod. */
export type ResourcesWithout = (keys: readonly string[]) => Resources;

// Of a pair one part may move the other one.
const moves: Readonly<Record<string, AmountPlace & { readonly row: string }>> = {
  CPU_REQUEST: { row: 'CPU_LIMIT', list: 'limits', name: 'cpu' },
  CPU_LIMIT: { row: 'CPU_REQUEST', list: 'requests', name: 'cpu' },
  MEMORY_REQUEST: { row: 'MEMORY_LIMIT', list: 'limits', name: 'memory' },
  MEMORY_LIMIT: { row: 'MEMORY_REQUEST', list: 'requests', name: 'memory' },
};

interface AmountPlace {
  readonly list: keyof Resources;
  readonly name: 'cpu' | 'memory';
}

/** The overrides, where a request that moves a limit that the policy is about stands for that one too, and a limit for a request. */
export function withMoved(
  overrides: readonly Override[],
  { settings, locked = [] }: Policy,
  resourcesWithout: ResourcesWithout,
): Override[] {
  const rows = [...locked, ...(settings?.deny ?? [])];
  return overrides.map((override) => {
    const moved = moves[override.row];
    // What the pod says of the other one is judged for itself.
    if (!moved || !rows.includes(moved.row) || overrides.some(({ row }) => row === moved.row)) return override;
    const isMoved = amountIn(resourcesWithout([]), moved) !== amountIn(resourcesWithout([override.key]), moved);
    return isMoved ? { ...override, switchesOff: [...(override.switchesOff ?? []), moved.row] } : override;
  });
}

/** What a policy has against a volume in memory: its size is part of the sidecar's memory. */
export function volumeMemoryProblems(
  overrides: readonly Override[],
  { resources: { memory: most } = {} }: Policy,
  resourcesWithout: ResourcesWithout,
): Problem[] {
  const shaping = overrides.filter(({ row }) => ['VOLUME', 'VOLUME_SIZE_LIMIT', 'VOLUME_MEDIUM'].includes(row));
  if (most === undefined || shaping.length === 0) return [];
  const limit = resourcesWithout([]).limits?.memory;
  if (limit === undefined) return [];
  const otherwise = amountIn(resourcesWithout(shaping.map(({ key }) => key)), { list: 'limits', name: 'memory' });
  if (quantityValue(limit) <= Math.max(quantityValue(most), otherwise)) return [];
  const fault = `makes the sidecar's memory limit ${limit}, which is more than policy.resources.memory allows`;
  const accepts = `a volume with which it is at most ${most}`;
  return shaping.map(({ key: where, value, setting: { kind } }) => ({
    where,
    kind: 'policy',
    ...(value !== undefined && { given: kind.print(value) }),
    fault,
    accepts,
  }));
}

/** No limit is more than any. */
function amountIn(resources: Resources, { list, name }: AmountPlace): number {
  const amount = resources[list]?.[name];
  return amount === undefined ? (list === 'limits' ? Infinity : 0) : quantityValue(amount);
}
