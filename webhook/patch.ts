import type { AddOperation } from './admission-review.ts';
import { volumeName } from './injected-names.ts';
import type { Injection } from './injection.ts';
import type { Pod } from './pod.ts';

/**
 * The JSON Patch that carries out an injection. It only adds: an array that is missing is added whole, an existing one gets
 * elements, and nothing that was there is replaced. https://datatracker.ietf.org/doc/html/rfc6902#section-4.1
 */
export function patchFor(pod: Pod, { container, position, volumes, mounts, mounting }: Injection): AddOperation[] {
  return [
    ...(volumes.some(({ name }) => name === volumeName) ? addAnnotation(pod) : []),
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

/** An annotation that the pod's author set stays as it is. */
function addAnnotation({ metadata }: Pod): AddOperation[] {
  const annotations = metadata?.annotations;
  if (annotations?.[safeToEvict] !== undefined) return [];
  if (!annotations) return [{ op: 'add', path: '/metadata/annotations', value: { [safeToEvict]: volumeName } }];
  return [{ op: 'add', path: `/metadata/annotations/${escapePointer(safeToEvict)}`, value: volumeName }];
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
