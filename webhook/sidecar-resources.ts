import { byteSize } from '../shared/settings/kind.ts';
import { askedAmounts, type Amount } from './asked-amounts.ts';
import { isGuaranteed } from './guaranteed.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Pod, Resources } from './pod.ts';
import { quantityValue } from './quantity.ts';

// Measured need of the sidecar (docs/architecture.md): 61 MiB idle; at the peak of 3,000 ConfigMaps of 10 KiB 82 MiB with a small
// young generation of V8, 119 MiB without. The limit leaves room for either.
const requestMi = 64;
const limitMi = 192;

/**
 * Requests and limits of the sidecar: what is asked for, and for the rest what fits it. A pod of QoS class Guaranteed stays so:
 * requests equal limits, for CPU too. No other pod gets a CPU limit, which would only slow the first sync. Files take up to
 * `volumeBytes` of the memory. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function sidecarResources(pod: Pod, settings: PodSettings, volumeBytes: number): Resources {
  const asked = askedAmounts(pod, settings);
  const most = byteSize.print(limitMi * 1024 ** 2 + volumeBytes);
  const fit = fitFor(pod);
  const cpu = fit('cpu', asked.cpu, { request: '10m', guaranteed: '100m' });
  const memory = fit('memory', asked.memory, { request: `${requestMi}Mi`, limit: most, guaranteed: most });
  return { ...listOf('requests', cpu.request, memory.request), ...listOf('limits', cpu.limit, memory.limit) };
}

type Fit = (name: string, asked: Amount, usual: Amount & { readonly guaranteed: string }) => Amount;

function fitFor(pod: Pod): Fit {
  if (isGuaranteed(pod)) {
    return (_name, { request, limit, least }, { guaranteed }) => ({
      request: request ?? limit ?? greater(guaranteed, least),
      limit: limit ?? request ?? greater(guaranteed, least),
    });
  }
  const { requests = {}, limits = {} } = pod.spec?.resources ?? {};
  return (name, asked, usual) => {
    // The API server refuses a pod whose containers request more than it does itself, and the pod's own amount is for all of them.
    if (requests[name] !== undefined || limits[name] !== undefined) return asked;
    return {
      request: asked.request ?? lesser(usual.request, asked.limit),
      limit: asked.limit ?? (usual.limit && greater(usual.limit, asked.request)),
    };
  };
}

function lesser(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return quantityValue(one) < quantityValue(other) ? one : other;
}

function greater(one: string, other: string | undefined): string {
  return other === undefined || quantityValue(one) > quantityValue(other) ? one : other;
}

function listOf(field: keyof Resources, cpu: string | undefined, memory: string | undefined): Resources {
  const list = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  return Object.keys(list).length > 0 ? { [field]: list } : {};
}
