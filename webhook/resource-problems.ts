import type { Problem } from '../shared/settings/problem.ts';
import { byteSize } from '../shared/settings/kind.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { Pod } from './pod.ts';
import { quantityValue } from './quantity.ts';
import { isGuaranteed, sidecarResources } from './sidecar-resources.ts';

/** What is wrong with the requests and limits that a pod asks for; up to `volumeBytes` of the memory are for files. */
export function resourceProblems(pod: Pod, settings: PodSettings, volumeBytes: number): Problem[] {
  const mustBeEqual = isGuaranteed(pod);
  return [
    ...pairProblems('CPU_REQUEST', 'CPU_LIMIT', { settings, mustBeEqual }),
    ...pairProblems('MEMORY_REQUEST', 'MEMORY_LIMIT', { settings, mustBeEqual }),
    ...roomProblems(pod, settings, volumeBytes),
  ];
}

interface PairOptions {
  readonly settings: PodSettings;
  readonly mustBeEqual: boolean;
}

function pairProblems(
  requestRow: 'CPU_REQUEST' | 'MEMORY_REQUEST',
  limitRow: 'CPU_LIMIT' | 'MEMORY_LIMIT',
  { settings, mustBeEqual }: PairOptions,
): Problem[] {
  const request = settings.process[requestRow];
  const limit = settings.process[limitRow];
  if (request === undefined || limit === undefined) return [];
  const problem = { where: spellingOf(settings, requestRow), kind: 'not-accepted', given: request } as const;
  const [requested, most] = [quantityValue(request), quantityValue(limit)];
  const other = `${spellingOf(settings, limitRow)}=${JSON.stringify(limit)}`;
  if (requested > most) return [{ ...problem, fault: `is more than ${other}`, accepts: `at most ${limit}` }];
  if (requested === most || !mustBeEqual) return [];
  const fault = `differs from ${other}, and the pod would no longer be of the QoS class Guaranteed`;
  return [{ ...problem, fault, accepts: `${limit}, or one of the two alone` }];
}

/** The files would end the sidecar for want of memory. */
function roomProblems(pod: Pod, settings: PodSettings, volumeBytes: number): Problem[] {
  const limit = sidecarResources(pod, settings, volumeBytes).limits?.memory;
  if (limit === undefined || quantityValue(limit) > volumeBytes) return [];
  const row = settings.process.MEMORY_LIMIT === undefined ? 'MEMORY_REQUEST' : 'MEMORY_LIMIT';
  const size = byteSize.print(volumeBytes);
  const fault = `leaves the sidecar no memory beside its volume of ${size}`;
  return [
    { where: spellingOf(settings, row), kind: 'not-accepted', given: limit, fault, accepts: `more than ${size}` },
  ];
}
