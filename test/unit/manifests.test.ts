import { beforeAll, describe, expect, it } from '@jest/globals';
import { shippedManifests, type Manifest } from '../product/webhook-manifests.ts';

let manifests: Manifest[];

beforeAll(async () => {
  manifests = await shippedManifests();
});

interface Entry {
  readonly name: string;
  readonly namespaceSelector: { readonly matchExpressions: readonly object[] };
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

function entries(kind: string): Entry[] {
  return manifests.filter((manifest) => manifest.kind === kind).flatMap(({ webhooks }) => webhooks as Entry[]);
}

/** Everything of an entry but which of the objects that its rules name are sent. */
function shapeOf({ name: _, namespaceSelector: __, matchConditions: ___, ...shape }: Entry): object {
  return shape;
}

function conditionNames({ name, matchConditions }: Entry): object {
  return { [name]: matchConditions.map((condition) => condition.name) };
}

const createdPods = [
  { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'Namespaced' },
];
// They are created and changed by people; a ReplicaSet is made of a Deployment, and would be told the same again.
const appliedWorkloads = [
  {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments', 'statefulsets', 'daemonsets'],
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  },
  {
    apiGroups: ['batch'],
    apiVersions: ['v1'],
    resources: ['jobs', 'cronjobs'],
    operations: ['CREATE', 'UPDATE'],
    scope: 'Namespaced',
  },
];

// Without their pods there is no cluster to run the webhook in, and without ours no webhook.
const leavesOut = {
  key: 'kubernetes.io/metadata.name',
  operator: 'NotIn',
  values: ['kube-system', 'kube-node-lease', 'sync-sidecar'],
};

const noMirrorPod = {
  name: 'no-mirror-pod',
  expression: "!(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)",
};

function callsService(path: string): object {
  return { service: { name: 'sync-sidecar-webhook', namespace: 'sync-sidecar', path } };
}

describe('the webhook configurations', () => {
  it('have pods wait 5 s for the webhook, and not be created without its answer', () => {
    const shape = {
      admissionReviewVersions: ['v1'],
      clientConfig: callsService('/mutate'),
      rules: createdPods,
      matchPolicy: 'Equivalent',
      failurePolicy: 'Fail',
      sideEffects: 'None',
      reinvocationPolicy: 'IfNeeded',
      timeoutSeconds: 5,
    };

    expect(entries('MutatingWebhookConfiguration').map(shapeOf)).toEqual([shape, shape]);
  });

  it('have workloads wait 2 s for advice, and be applied without it', () => {
    const shape = {
      admissionReviewVersions: ['v1'],
      clientConfig: callsService('/validate'),
      rules: appliedWorkloads,
      matchPolicy: 'Equivalent',
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      timeoutSeconds: 2,
    };
    const shapes = entries('ValidatingWebhookConfiguration').map(shapeOf);

    expect(shapes).toEqual(shapes.map(() => shape));
    expect(shapes).not.toEqual([]);
  });

  it('leave out what a cluster and the webhook itself need to start', () => {
    const all = [...entries('MutatingWebhookConfiguration'), ...entries('ValidatingWebhookConfiguration')];

    for (const { namespaceSelector } of all) expect(namespaceSelector.matchExpressions).toContainEqual(leavesOut);
  });

  it('send a pod by its annotations, or by the label of its namespace', () => {
    expect(entries('MutatingWebhookConfiguration').map(conditionNames)).toEqual([
      { 'pods.sync-sidecar.io': ['has-annotation-of-ours', 'not-opted-out', 'no-mirror-pod'] },
      { 'namespaces.sync-sidecar.io': ['has-no-annotation-of-ours', 'not-opted-out', 'no-mirror-pod'] },
    ]);
  });

  it('and the admission policy leave the picture of a static pod alone', () => {
    const policies = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    const conditions = [
      ...entries('MutatingWebhookConfiguration'),
      ...policies.map(({ spec }) => spec as Pick<Entry, 'matchConditions'>),
    ].map(({ matchConditions }) => matchConditions);

    expect(conditions).toHaveLength(3);
    for (const own of conditions) expect(own).toContainEqual(noMirrorPod);
  });
});

describe('the admission policy', () => {
  it('judges every created pod, and refuses where it fails', () => {
    const spec = manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicy')?.spec;

    expect(spec).toMatchObject({ failurePolicy: 'Fail', matchConstraints: { resourceRules: createdPods } });
  });

  it('is bound to deny', () => {
    expect(manifests.find(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')?.spec).toEqual({
      policyName: 'sync-sidecar',
      validationActions: ['Deny'],
    });
  });
});
