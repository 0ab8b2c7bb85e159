import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Json = Readonly<Record<string, unknown>>;

/** Reviews as an API server sends them, by what is measured with them. */
export const reviews: Readonly<Record<ReviewName, () => string>> = {
  /** As of Grafana's chart: some 10 KB, half of them managedFields. */
  grafana: () => review(withVariables(grafana(), 14)),
  /** As of an application that is configured by its environment: some 69 KB. */
  large: () => review(withVariables(grafana(), 360)),
  /** Such a pod with nothing that asks, as long as the first one: it has one annotation of ours, as it would not come otherwise. */
  unasked: () => review(withVariables(unasking(grafana()), 22)),
};

export type ReviewName = 'grafana' | 'large' | 'unasked';

interface Pod {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly Json[] };
}

function grafana(): Pod {
  return parse(readFileSync(join(import.meta.dirname, '../../../test/unit/corpus/grafana.yaml'), 'utf8')) as Pod;
}

function withVariables({ metadata, spec }: Pod, count: number): Pod {
  const more = Array.from({ length: count }, (_, index) => ({ name: `VARIABLE_${index}`, value: 'x'.repeat(70) }));
  const containers = spec.containers.map(({ env = [], ...rest }) => ({ ...rest, env: [...(env as Json[]), ...more] }));
  return { metadata, spec: { ...spec, containers } };
}

function unasking({ metadata, spec }: Pod): Pod {
  const entries = Object.entries(metadata.annotations).filter(([key]) => !key.includes('sync-sidecar.io/'));
  const annotations = { ...Object.fromEntries(entries), 'sync-sidecar.io/label': 'dashboard' };
  return { metadata: { ...metadata, annotations }, spec };
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request */
function review(pod: Pod): string {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'];
  const managedFields = [
    {
      ...{ manager: 'kube-controller-manager', operation: 'Update', apiVersion: 'v1', time: '2026-11-26T12:00:00Z' },
      ...{ fieldsType: 'FieldsV1', fieldsV1: fieldsOf(pod) },
    },
  ];
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    ...{ kind, resource, requestKind: kind, requestResource: resource },
    ...{ namespace: 'monitoring', operation: 'CREATE' },
    userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller', uid: 'a8a1f6a1', groups },
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
      metadata: { ...pod.metadata, ...made, managedFields },
      status: {},
    },
    ...{ oldObject: null, dryRun: false, options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' } },
  };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
}

/** By a controller, as nearly all pods are. */
const made = {
  generateName: 'grafana-5d8c9f7b6-',
  ownerReferences: [
    {
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'grafana-5d8c9f7b6' },
      ...{ uid: 'b2f4c0de-6393-11e8-b7cc-42010a800002', controller: true, blockOwnerDeletion: true },
    },
  ],
};

/** Which fields a manager owns: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
function fieldsOf(value: unknown): Json {
  if (Array.isArray(value)) return { '.': {}, ...Object.fromEntries(value.map((item) => [keyOf(item), itemOf(item)])) };
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [`f:${name}`, fieldsOf(field)]));
}

function itemOf(item: unknown): Json {
  return typeof item === 'object' ? { '.': {}, ...fieldsOf(item) } : {};
}

function keyOf(item: unknown): string {
  if (typeof item !== 'object' || item === null || !('name' in item)) return `v:${JSON.stringify(item)}`;
  return `k:${JSON.stringify({ name: item.name })}`;
}
