import { allContainers, type Pod, type Resources } from '../../webhook/pod.ts';
import { quantityValue } from '../../webhook/quantity.ts';

/**
 * Whether a pod is of the QoS class Guaranteed, as the API server sees it, which takes requests that are missing from the limits.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/helper/qos/qos.go
 */
export function isGuaranteed(pod: Pod): boolean {
  const all = pod.spec?.resources ? [pod.spec.resources] : allContainers(pod).map(({ resources }) => resources);
  return all.every((resources) => ['cpu', 'memory'].every((name) => isBound(name, resources)));
}

function isBound(name: string, { requests, limits }: Resources = {}): boolean {
  const limit = quantityValue(limits?.[name] ?? '0');
  return limit > 0 && quantityValue(requests?.[name] ?? String(limit)) === limit;
}
