import type { Problem } from '../shared/settings/problem.ts';
import { byteSize } from '../shared/settings/kind.ts';
import { amountRows, askedAmounts, type Amount } from './asked-amounts.ts';
import { isGuaranteed } from './guaranteed.ts';
import { leastMemoryMi } from './injection-settings.ts';
import { spellingOf, type PodSettings } from './pod-settings.ts';
import type { Pod } from './pod.ts';
import { quantityValue } from './quantity.ts';
import { sidecarResources } from './sidecar-resources.ts';

/** What is wrong with the requests and limits that a pod asks for; up to `volumeBytes` of the memory are for files. */
export function resourceProblems(pod: Pod, settings: PodSettings, volumeBytes: number): Problem[] {
  const asked = askedAmounts(pod, settings);
  const mustBeEqual = isGuaranteed(pod);
  return [
    ...pairProblems('cpu', asked.cpu, { settings, mustBeEqual }),
    ...pairProblems('memory', asked.memory, { settings, mustBeEqual }),
    ...roomProblems(pod, settings, volumeBytes),
  ];
}

interface PairOptions {
  readonly settings: PodSettings;
  readonly mustBeEqual: boolean;
}

function pairProblems(
  name: keyof typeof amountRows,
  { request, limit }: Amount,
  { settings, mustBeEqual }: PairOptions,
): Problem[] {
  if (request === undefined || limit === undefined) return [];
  const rows = amountRows[name];
  const problem = { where: spellingOf(settings, rows.request), kind: 'not-accepted', given: request } as const;
  const [requested, most] = [quantityValue(request), quantityValue(limit)];
  const other = `${spellingOf(settings, rows.limit)}=${JSON.stringify(limit)}`;
  if (requested > most) return [{ ...problem, fault: `is more than ${other}`, accepts: `at most ${limit}` }];
  if (requested === most || !mustBeEqual) return [];
  const fault = `differs from ${other}, and the pod would no longer be of the QoS class Guaranteed`;
  return [{ ...problem, fault, accepts: `${limit}, or one of the two alone` }];
}

/** It would be killed for want of memory, perhaps only once there are files. */
function roomProblems(pod: Pod, settings: PodSettings, volumeBytes: number): Problem[] {
  const limit = sidecarResources(pod, settings, volumeBytes).limits?.memory;
  const least = leastMemoryMi * 1024 ** 2;
  if (limit === undefined || quantityValue(limit) >= least + volumeBytes) return [];
  const row = settings.process.MEMORY_LIMIT === limit ? 'MEMORY_LIMIT' : 'MEMORY_REQUEST';
  const beside = volumeBytes > 0 ? ` beside its volume of ${byteSize.print(volumeBytes)}` : '';
  const fault = `leaves the sidecar less than ${byteSize.print(least)}${beside}`;
  const accepts = `at least ${byteSize.print(least + volumeBytes)}`;
  return [{ where: spellingOf(settings, row), kind: 'not-accepted', given: limit, fault, accepts }];
}
