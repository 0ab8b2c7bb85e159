import type { AddOperation } from './admission-review.ts';
import { volumeName } from './injected-names.ts';
import type { Injection } from './injection.ts';
import type { Pod } from './pod.ts';
import { statusKey } from './status-annotation.ts';

/**
 * The JSON Patch that carries out an injection. It only adds: an array that is missing is added whole, an existing one gets
 * elements, and nothing that was there is replaced but a status of ours. https://datatracker.ietf.org/doc/html/rfc6902#section-4.1
 */
export function patchFor(pod: Pod, injection: Injection, status: string): AddOperation[] {
  const { container, position, volumes, mounts, mounting } = injection;
  return [
    ...addAnnotations(pod, { ...evictionOf(pod, injection), [statusKey]: status }),
    ...addEach('/spec/volumes', pod.spec?.volumes, volumes),
    ...mounting.flatMap(({ path, container: { volumeMounts } }) =>
      addEach(`${path}/volumeMounts`, volumeMounts, mounts),
    ),
    // Last, as it moves the init containers behind it.
    pod.spec?.initContainers
      ? { op: 'add', path: `/spec/initContainers/${position}`, value: container }
      : { op: 'add', path: '/spec/initContainers', value: [container] },
  ];
}

// Without it, the cluster autoscaler keeps a node because of our emptyDir.
// https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
const safeToEvict = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

/** What the pod's author says of eviction stays, and a volume of their own is theirs to speak of. */
function evictionOf({ metadata }: Pod, { volumes }: Injection): Record<string, string> {
  const isSaid = metadata?.annotations?.[safeToEvict] !== undefined;
  return !isSaid && volumes.some(({ name }) => name === volumeName) ? { [safeToEvict]: volumeName } : {};
}

/** What the pod's author says of our work, in a copy of an injected pod, does not stay. */
function addAnnotations({ metadata }: Pod, wanted: Readonly<Record<string, string>>): AddOperation[] {
  if (!metadata?.annotations) return [{ op: 'add', path: '/metadata/annotations', value: wanted }];
  return Object.entries(wanted).map(([key, value]) => ({
    op: 'add',
    path: `/metadata/annotations/${escapePointer(key)}`,
    value,
  }));
}

function addEach(path: string, present: readonly unknown[] | undefined, values: readonly unknown[]): AddOperation[] {
  if (values.length === 0) return [];
  if (!present) return [{ op: 'add', path, value: values }];
  return values.map((value) => ({ op: 'add', path: `${path}/-`, value }));
}

/** https://datatracker.ietf.org/doc/html/rfc6901#section-3 */
function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
