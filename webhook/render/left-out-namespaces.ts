import { boolean } from '../../shared/settings/kind.ts';
import { annotationNaming, domain } from '../../shared/settings/naming.ts';
import { containerName } from '../injected-names.ts';
import type { Pod } from '../pod.ts';
import { isOptedIn } from '../profile-choice.ts';

/** As in the namespaceSelector of manifests/base/webhook-configuration.yaml: pods of these never come to the webhook. */
export const leftOutNamespaces: readonly string[] = ['kube-system', 'kube-node-lease', 'sync-sidecar'];

/** What becomes of a pod in such a namespace. */
export type LeftOut =
  | { readonly outcome: 'admit'; readonly reason: 'left-out' }
  | { readonly outcome: 'refuse'; readonly reason: 'left-out'; readonly message: string };

/** Judges as the ValidatingAdmissionPolicy does, which looks at every namespace; undefined for a namespace that isn't left out. */
export function judgeLeftOut(
  pod: Pod,
  { namespace, namespaceLabel }: { readonly namespace: string; readonly namespaceLabel: string | undefined },
): LeftOut | undefined {
  if (!leftOutNamespaces.includes(namespace)) return undefined;
  if (!asks(pod, namespaceLabel) || hasSidecar(pod)) return { outcome: 'admit', reason: 'left-out' };
  const fault = `the webhook is never asked in the namespace ${namespace}, and the admission policy refuses a pod that asks there`;
  return { outcome: 'refuse', reason: 'left-out', message: `${fault}; ${domain}/inject: "false" lets it run without` };
}

function asks({ metadata }: Pod, namespaceLabel: string | undefined): boolean {
  const annotation = metadata?.annotations?.[annotationNaming.spell({ row: 'INJECT', sync: null })];
  return boolean.parse(annotation ?? '') ?? isOptedIn(namespaceLabel);
}

function hasSidecar({ spec }: Pod): boolean {
  return spec?.initContainers?.some(({ name }) => name === containerName) ?? false;
}
