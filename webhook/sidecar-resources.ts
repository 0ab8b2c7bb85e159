import { allContainers, type Container, type Pod, type Resources } from './pod.ts';
import { quantityValue } from './quantity.ts';

/** Size limit of a memory-backed volume, in Mi. It counts as memory of the containers that use it. */
export const memoryVolumeMi = 64;

// Measured need of the sidecar (docs/architecture.md): 61 MiB idle; at the peak of 3,000 ConfigMaps of 10 KiB 82 MiB with a small
// young generation of V8, 119 MiB without. The limit leaves room for either.
const requestMi = 64;
const limitMi = 192;

/**
 * Requests and limits of the sidecar. A pod of QoS class Guaranteed stays so: requests equal limits, for CPU too. No other pod gets
 * a CPU limit, which would only slow the first sync. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function sidecarResources(pod: Pod, { inMemory }: { inMemory: boolean }): Resources {
  const memory = `${limitMi + (inMemory ? memoryVolumeMi : 0)}Mi`;
  if (allContainers(pod).every(isGuaranteed)) {
    const all = { cpu: '100m', memory };
    return { requests: all, limits: all };
  }
  return { requests: { cpu: '10m', memory: `${requestMi}Mi` }, limits: { memory } };
}

/** Whether a container has limits for CPU and memory, and requests that are the same or left to follow from them. */
function isGuaranteed({ resources: { limits = {}, requests = {} } = {} }: Container): boolean {
  return ['cpu', 'memory'].every((name) => {
    const limit = quantityValue(limits[name] ?? '0');
    return limit > 0 && quantityValue(requests[name] ?? limits[name] ?? '0') === limit;
  });
}
