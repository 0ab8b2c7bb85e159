import { sidecarImage, webhookImage } from '../node/images.ts';
import { shippedManifests, type Manifest } from '../product/webhook-manifests.ts';

/** Of all that `manifests/base` puts into a namespace. */
export const webhookNamespace = 'sync-sidecar';
export const webhookDeploymentName = 'sync-sidecar-webhook';

/** What a pod of the webhook is made of. */
export interface WebhookPodSpec {
  containers: { image: string; env: { name: string; value: string }[] }[];
  securityContext: object;
  [field: string]: unknown;
}

interface DeploymentSpec {
  template: { metadata: object; spec: WebhookPodSpec };
}

/** What `manifests/base` ships, with the images of this checkout. */
async function installedManifests(): Promise<Manifest[]> {
  return (await shippedManifests()).map((manifest) =>
    manifest.kind === 'Deployment' ? withOurImages(manifest) : manifest,
  );
}

/** A pod's spec as the Deployment of `manifests/base` has it, with the images of this checkout. */
export async function webhookPodSpec(): Promise<WebhookPodSpec> {
  const deployment = (await installedManifests()).find(({ kind }) => kind === 'Deployment');
  return (deployment?.spec as DeploymentSpec).template.spec;
}

function withOurImages(deployment: Manifest): Manifest {
  const copy = structuredClone(deployment);
  const { template } = copy.spec as DeploymentSpec;
  for (const container of template.spec.containers) {
    container.image = webhookImage;
    for (const variable of container.env) if (variable.name === 'SIDECAR_IMAGE') variable.value = sidecarImage;
  }
  // As OpenShift chooses them: a user that no image knows, of the group 0.
  Object.assign(template.spec.securityContext, { runAsUser: 1000650000, runAsGroup: 0 });
  return copy;
}
