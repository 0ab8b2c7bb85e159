import { boolean, duration, filePath, oneOf, port } from '../shared/settings/kind.ts';
import type { Kind } from '../shared/settings/kind.ts';
import { objectName, rfc1123Label } from '../shared/settings/kubernetes-kind.ts';
import { logSettings } from '../shared/settings/log-settings.ts';
import type { Settings } from '../shared/settings/read-settings.ts';
import { optionalSetting, setting } from '../shared/settings/setting.ts';
import { imageName } from './image.ts';

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
    const isOne = rfc1123Label.test(namespace) && objectName.test(name) && rest.length === 0;
    return isOne ? { namespace, name } : undefined;
  },
  print: ({ namespace, name }) => `${namespace}/${name}`,
};

function objectNamed(accepts: string): Kind<string> {
  return {
    name: 'objectName',
    accepts,
    parse: (given) => (objectName.test(given.trim()) ? given.trim() : undefined),
    print: (value) => value,
  };
}

/** Every setting of the webhook itself; what it injects is said by its configuration file and by pods. */
export const webhookSettings = {
  process: {
    PORT: setting({
      kind: port,
      default: 8443,
      description: 'Port of the HTTPS server.',
    }),
    SIDECAR_IMAGE: setting({
      kind: imageName,
      default: 'sync-sidecar:0.1.0',
      description: 'Image of the sidecars that are injected.',
    }),
    CONFIG_FILE: optionalSetting({
      kind: filePath,
      defaultText: 'no defaults, and one profile, `default`, that sets nothing',
      description: 'YAML file with the defaults, the profiles and the policy of the platform: see docs/platform.md.',
    }),
    TLS_MODE: setting({
      kind: oneOf('self', 'cert-manager', 'files'),
      default: 'self',
      description:
        'Who issues the serving certificate: the webhook itself, from the CA in CA_SECRET; cert-manager, whose cainjector keeps the caBundle; or somebody else, who keeps the caBundle too. The last two give it as files.',
    }),
    TLS_CERT_FILE: optionalSetting({
      kind: filePath,
      defaultText: 'none; required unless TLS_MODE is self',
      description: 'PEM file of the serving certificate, followed by what its chain needs; read again when it changes.',
    }),
    TLS_KEY_FILE: optionalSetting({
      kind: filePath,
      defaultText: 'none; required unless TLS_MODE is self',
      description: 'PEM file of its private key, not encrypted; read again when it changes.',
    }),
    LOOKUPS: setting({
      kind: oneOf('on', 'off'),
      default: 'on',
      description:
        'Whether the API server is asked and watched. Without, which takes TLS_MODE=files, no cluster is needed, labels of namespaces are not seen, and nobody looks after the caBundle.',
    }),
    WEBHOOK_CONFIGURATION: setting({
      kind: objectNamed('the name of a MutatingWebhookConfiguration'),
      default: 'sync-sidecar',
      description:
        'MutatingWebhookConfiguration whose caBundle must verify the serving certificate. With TLS_MODE=self the webhook keeps that caBundle, and that of the ValidatingWebhookConfiguration of the same name if there is one, and has a certificate for the host names in it.',
    }),
    CA_SECRET: setting({
      kind: namespacedName,
      default: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
      description: 'Secret that holds the CA with TLS_MODE=self; it exists already, perhaps empty.',
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
    METRICS_PORT: setting({
      kind: port,
      default: 8080,
      description: 'Port of `/metrics`, plain HTTP; 0 turns it off.',
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
