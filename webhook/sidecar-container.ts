import { containerName } from './injected-names.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Container, Pod, Resources } from './pod.ts';
import { tokenMount } from './service-account-token.ts';
import type { SharedVolume } from './shared-volume.ts';
import { sidecarEnvironment } from './sidecar-environment.ts';

export interface SidecarContainerOptions {
  readonly pod: Pod;
  readonly settings: PodSettings;
  /** Unless the settings name one. */
  readonly image: string;
  readonly healthPort: number;
  readonly resources: Resources;
  readonly volume: Pick<SharedVolume, 'mount' | 'folders'>;
  /** Whether the container needs a token of its own. */
  readonly ownToken: boolean;
  /** By which the injection is known again. */
  readonly marker: string;
}

/** The container that is injected: a native sidecar, or an ordinary init container when every sync only lists. */
export function sidecarContainer({ settings, ...options }: SidecarContainerOptions): Container {
  const { pod, image, healthPort, resources, volume, ownToken, marker } = options;
  const { IMAGE = image, IMAGE_PULL_POLICY: imagePullPolicy } = settings.process;
  return {
    name: containerName,
    image: IMAGE,
    ...(imagePullPolicy && { imagePullPolicy }),
    ...(listsOnly(settings) ? {} : { restartPolicy: 'Always' }),
    env: sidecarEnvironment(settings, { healthPort, folders: volume.folders, marker }),
    ports: [{ name: 'sync-health', containerPort: healthPort, protocol: 'TCP' }],
    ...(listsOnly(settings) ? {} : probes(settings, healthPort)),
    resources,
    securityContext: securityContext(pod, settings),
    volumeMounts: [volume.mount, ...(ownToken ? [tokenMount] : [])],
    // A container that ends with an error before it could say why shows the end of its log.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function listsOnly({ syncs }: PodSettings): boolean {
  return syncs.every(({ settings }) => settings.METHOD === 'LIST');
}

/** The application starts once a complete sync is on the volume; only a stuck sidecar is restarted. */
function probes({ process }: PodSettings, port: number): Pick<Container, 'startupProbe' | 'livenessProbe'> {
  return {
    startupProbe: {
      httpGet: { path: '/startupz', port },
      periodSeconds: 1,
      failureThreshold: Math.max(1, Math.ceil(process.STARTUP_TIMEOUT / 1000)),
    },
    livenessProbe: { httpGet: { path: '/livez', port }, periodSeconds: 10, failureThreshold: 3 },
  };
}

// The user that the image has; a number, as the kubelet can't see that a name isn't root.
const unprivilegedUser = 65534;

/**
 * Passes the Pod Security Standard "restricted". The pod's user is inherited but for root; without one the image's user holds.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
function securityContext({ spec }: Pod, { process }: PodSettings): NonNullable<Container['securityContext']> {
  const isRoot = spec?.securityContext?.runAsUser === 0;
  const { RUN_AS_USER: runAsUser = isRoot ? unprivilegedUser : undefined, RUN_AS_GROUP: runAsGroup } = process;
  return {
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
