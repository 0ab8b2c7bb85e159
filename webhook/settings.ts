import { boolean, duration, filePath, port, text } from '../shared/settings/kind.ts';
import type { Kind } from '../shared/settings/kind.ts';
import { logSettings } from '../shared/settings/log-settings.ts';
import type { Settings } from '../shared/settings/read-settings.ts';
import { optionalSetting, setting } from '../shared/settings/setting.ts';

/** The name of an object in a namespace. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

const namespacedName: Kind<NamespacedName> = {
  name: 'namespacedName',
  accepts: 'NAMESPACE/NAME',
  parse: (given) => {
    const [namespace = '', name = '', ...rest] = given.trim().split('/');
    return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
  },
  print: ({ namespace, name }) => `${namespace}/${name}`,
};

/** Every setting of the webhook itself; what it injects is said by its configuration file and by pods. */
export const webhookSettings = {
  process: {
    PORT: setting({
      kind: port,
      default: 8443,
      description: 'Port of the HTTPS server.',
    }),
    SIDECAR_IMAGE: setting({
      kind: text('the name of an image'),
      default: 'sync-sidecar:0.1.0',
      description: 'Image of the sidecars that are injected.',
    }),
    CONFIG_FILE: optionalSetting({
      kind: filePath,
      defaultText: 'no defaults, and one profile, `default`, that sets nothing',
      description: 'YAML file with the defaults, the profiles and the policy of the platform: see docs/platform.md.',
    }),
    WEBHOOK_CONFIGURATION: setting({
      kind: text('the name of a MutatingWebhookConfiguration'),
      default: 'sync-sidecar',
      description:
        'MutatingWebhookConfiguration whose caBundle the webhook keeps, and whose host names its certificate has; the ValidatingWebhookConfiguration of that name, if there is one, has its caBundle kept too.',
    }),
    CA_SECRET: setting({
      kind: namespacedName,
      default: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
      description: 'Secret that holds the CA; it exists already, perhaps empty.',
    }),
    KUBECONFIG: optionalSetting({
      kind: filePath,
      defaultText: 'the files of the ServiceAccount in the pod',
      description: 'Kubeconfig file to reach the API server with.',
    }),
    RBAC_PREFLIGHT: setting({
      kind: boolean,
      default: true,
      description:
        'Whether who applies a workload is warned, by a SubjectAccessReview, when the ServiceAccount of its pods may not read what the sidecar is to sync.',
    }),
    // Reviews come until every node knows that this pod ends: the EndpointSlice changes at the same time as SIGTERM is sent, and
    // kube-proxy gathers such changes for up to 1 s (minSyncPeriod). Five leave room for a busy control plane, and use little of
    // the 30 s that a pod has to end.
    // https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow
    // https://kubernetes.io/docs/reference/networking/virtual-ips/
    SHUTDOWN_DELAY: setting({
      kind: duration,
      default: 5000,
      description: 'How long reviews are still accepted after SIGTERM, while `/readyz` says that no more should come.',
    }),
    ...logSettings,
  },
  sync: {},
};

export type WebhookSettings = Settings<typeof webhookSettings>['process'];
