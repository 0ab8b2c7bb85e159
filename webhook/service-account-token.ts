import { tokenVolumeName } from './injected-names.ts';
import { allContainers, type Pod, type Volume, type VolumeMount } from './pod.ts';

const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Mounts the token where every Kubernetes client looks for it. */
export const tokenMount: VolumeMount = { name: tokenVolumeName, mountPath: directory, readOnly: true };

/**
 * A token, CA and namespace for the sidecar alone, as the ServiceAccount admission plugin would project them:
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
export const tokenVolume: Volume = {
  name: tokenVolumeName,
  projected: {
    sources: [
      // The plugin's own lifetime: the kubelet renews at 80 % of an hour and seven seconds.
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
};

/**
 * Whether the ServiceAccount admission plugin mounts a token into the pod's containers by itself. It runs before webhooks and
 * again after them, so that its mount in the other containers shows whether pod and ServiceAccount let it; no look-up is needed.
 */
export function hasAutomountedToken(pod: Pod): boolean {
  return allContainers(pod).some(({ volumeMounts = [] }) =>
    volumeMounts.some(({ mountPath, name }) => mountPath === directory && name.startsWith('kube-api-access-')),
  );
}
