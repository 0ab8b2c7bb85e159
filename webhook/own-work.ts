import { findOurs, portOf, withoutOurs } from './already-injected.ts';
import { chooseHealthPort } from './health-port.ts';
import type { InjectionFault } from './injection.ts';
import { markerIn, markerOf } from './marker.ts';
import { meshFault } from './mesh.ts';
import type { Container, Pod } from './pod.ts';
import { filesVolume, isSound } from './sound-sidecar.ts';

/**
 * The sidecar of a pod that was injected, by whichever replica, and whose annotations still say what they said then: as it is on its
 * second review, or when it is created again from what the API server stored of it. Undefined where there is none, or one that was
 * changed.
 */
export function findOwnWork(pod: Pod): Container | undefined {
  const { container } = findOurs(pod);
  if (!container || !isSound(pod, container)) return undefined;
  return markerIn(container) === markerOf(pod, filesVolume(pod, container)) ? container : undefined;
}

/** Why the sidecar of an injected pod can't work: what other webhooks have added since. */
export function* laterFaults(pod: Pod, sidecar: Container): Generator<InjectionFault> {
  const others = withoutOurs(pod);
  const mesh = meshFault(others, sidecar.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser);
  if (mesh !== null) yield { reason: 'mesh-cni', message: mesh };
  const port = portOf(sidecar);
  if (port === undefined) return;
  const chosen = chooseHealthPort(others, port);
  if ('fault' in chosen) yield { reason: 'health-port', message: chosen.fault };
}
