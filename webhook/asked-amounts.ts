import { isGuaranteed } from './guaranteed.ts';
import { strengthOf, type PodSettings } from './pod-settings.ts';
import type { Pod } from './pod.ts';
import { quantityValue } from './quantity.ts';

/** Of one resource; what is left out is nobody's wish. */
export interface Amount {
  readonly request?: string | undefined;
  readonly limit?: string | undefined;
  /** A request that may be more: the limit that would follow from it is nobody's wish. */
  readonly least?: string | undefined;
}

/** The rows of an amount. */
export const amountRows = {
  cpu: { request: 'CPU_REQUEST', limit: 'CPU_LIMIT' },
  memory: { request: 'MEMORY_REQUEST', limit: 'MEMORY_LIMIT' },
} as const;

/** What is asked for, where the platform's part of a pair that doesn't fit follows the other one. */
export function askedAmounts(pod: Pod, settings: PodSettings): Record<keyof typeof amountRows, Amount> {
  return { cpu: askedAmount('cpu', pod, settings), memory: askedAmount('memory', pod, settings) };
}

function askedAmount(name: keyof typeof amountRows, pod: Pod, settings: PodSettings): Amount {
  const rows = amountRows[name];
  const [request, limit] = [settings.process[rows.request], settings.process[rows.limit]];
  if (request === undefined) return { limit };
  if (limit !== undefined) return fitPair(rows, { request, limit }, { pod, settings });
  // With less memory than it needs the sidecar would end; with less CPU it is slow.
  const mayBeMore = name === 'memory' && strengthOf(settings, rows.request) > 0 && isGuaranteed(pod);
  return mayBeMore ? { least: request } : { request };
}

function fitPair(
  rows: (typeof amountRows)[keyof typeof amountRows],
  pair: { readonly request: string; readonly limit: string },
  { pod, settings }: { readonly pod: Pod; readonly settings: PodSettings },
): Amount {
  const { request, limit } = pair;
  const isMore = quantityValue(request) > quantityValue(limit);
  if (!isMore && !isGuaranteed(pod)) return pair;
  const [requestedBy, limitedBy] = [strengthOf(settings, rows.request), strengthOf(settings, rows.limit)];
  if (requestedBy < limitedBy) return { request, limit: request };
  // A pod that says both means both, and a platform that asks for more than its own limit has slipped.
  const isSlip = requestedBy === limitedBy && (requestedBy === 0 || isMore);
  return isSlip ? pair : { request: limit, limit };
}
