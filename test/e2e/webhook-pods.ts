import { sidecarImage, webhookImage } from '../node/images.ts';
import { shippedManifests, type Manifest } from '../product/webhook-manifests.ts';
import { restricted } from './pods.ts';

/** Of all that `manifests/base` puts into a namespace. */
export const webhookNamespace = 'sync-sidecar';
export const webhookDeploymentName = 'sync-sidecar-webhook';

const https = { name: 'https', containerPort: 8443 };
const ofHttps = { port: https.name, scheme: 'HTTPS' };

/** What a pod of the webhook is made of. */
export const webhookPodSpec = {
  serviceAccountName: 'sync-sidecar-webhook',
  // As OpenShift chooses them: a user that no image knows, of the group 0.
  securityContext: { runAsUser: 1000650000, runAsGroup: 0 },
  // Longer than SHUTDOWN_DELAY and the draining after it.
  terminationGracePeriodSeconds: 30,
  containers: [
    {
      name: 'webhook',
      image: webhookImage,
      env: [{ name: 'SIDECAR_IMAGE', value: sidecarImage }],
      ports: [https],
      readinessProbe: { httpGet: { path: '/readyz', ...ofHttps }, periodSeconds: 1 },
      livenessProbe: { httpGet: { path: '/livez', ...ofHttps } },
      securityContext: restricted,
    },
  ],
};

/** Two replicas behind the Service of `manifests/base`; one that ends is replaced before. */
export async function webhookDeployment(): Promise<object> {
  const matchLabels = selectorOf(await shippedManifests());
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: webhookDeploymentName, namespace: webhookNamespace },
    spec: {
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels },
      template: { metadata: { labels: matchLabels }, spec: webhookPodSpec },
    },
  };
}

/** The labels of the pods to which the Service leads. */
function selectorOf(manifests: readonly Manifest[]): Record<string, string> {
  const service = manifests.find(({ kind }) => kind === 'Service');
  return (service?.spec as { selector: Record<string, string> }).selector;
}
