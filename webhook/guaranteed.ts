import { allContainers, type Container, type Pod } from './pod.ts';
import { quantityValue } from './quantity.ts';

/** Whether a pod is of QoS class Guaranteed by what its containers have. */
export function isGuaranteed(pod: Pod): boolean {
  return pod.spec?.resources === undefined && allContainers(pod).every(isGuaranteedContainer);
}

/** Whether a container has limits for CPU and memory, and requests that are the same or left to follow from them. */
function isGuaranteedContainer({ resources: { limits = {}, requests = {} } = {} }: Container): boolean {
  return ['cpu', 'memory'].every((name) => {
    const limit = quantityValue(limits[name] ?? '0');
    return limit > 0 && quantityValue(requests[name] ?? limits[name] ?? '0') === limit;
  });
}
