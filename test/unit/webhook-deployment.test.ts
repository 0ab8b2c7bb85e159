import { beforeAll, describe, expect, it } from '@jest/globals';
import { shippedManifests, type Manifest } from '../product/webhook-manifests.ts';

interface Container {
  readonly resources: object;
  readonly securityContext: object;
  readonly readinessProbe: object;
  readonly livenessProbe: object;
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: object;
  readonly topologySpreadConstraints: readonly object[];
  readonly nodeSelector: object;
}

interface DeploymentSpec {
  readonly replicas: number;
  readonly strategy: object;
  readonly selector: object;
  readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
}

const matchLabels = { 'app.kubernetes.io/name': 'sync-sidecar', 'app.kubernetes.io/component': 'webhook' };

let manifests: Manifest[];
let deployment: DeploymentSpec;

beforeAll(async () => {
  manifests = await shippedManifests();
  deployment = specOf('Deployment') as DeploymentSpec;
});

function specOf(kind: string): unknown {
  return manifests.find((manifest) => manifest.kind === kind)?.spec;
}

// The chart's is the same by default: test/cluster/rendered-objects.test.ts.
describe("the webhook's Deployment in manifests/base", () => {
  it('has two replicas, of which neither a rollout nor a drained node takes the last one', () => {
    const { replicas, strategy } = deployment;

    expect({ replicas, strategy }).toEqual({
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
    expect(specOf('PodDisruptionBudget')).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels },
    });
  });

  it('is behind the Service by the labels of its pods', () => {
    const { selector, template } = deployment;

    expect([selector, template.metadata.labels]).toEqual([{ matchLabels }, matchLabels]);
    expect(specOf('Service')).toMatchObject({ selector: matchLabels });
  });

  it('spreads the pods of a rollout over nodes and zones, and starts them where it can not, on Linux', () => {
    const spread = {
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels },
      matchLabelKeys: ['pod-template-hash'],
    };
    const { topologySpreadConstraints, nodeSelector } = deployment.template.spec;

    expect(topologySpreadConstraints).toEqual([
      { topologyKey: 'kubernetes.io/hostname', ...spread },
      { topologyKey: 'topology.kubernetes.io/zone', ...spread },
    ]);
    expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
  });

  it('says what its pods need, and limits their memory alone', () => {
    expect(deployment.template.spec.containers[0].resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '256Mi' },
    });
  });

  it('lets its pods do nothing that Pod Security "restricted" forbids, and write nowhere', () => {
    const { securityContext, containers } = deployment.template.spec;

    expect(securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('asks at the port of the reviews whether a pod is ready, and whether it lives', () => {
    const { readinessProbe, livenessProbe } = deployment.template.spec.containers[0];
    const at = (path: string): object => ({ httpGet: { path, port: 'https', scheme: 'HTTPS' } });

    expect([readinessProbe, livenessProbe]).toEqual([
      { ...at('/readyz'), periodSeconds: 1, timeoutSeconds: 5 },
      { ...at('/livez'), periodSeconds: 10, timeoutSeconds: 5 },
    ]);
  });
});
