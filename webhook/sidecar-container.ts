import { printEnvironment } from '../shared/settings/print-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { distinctFolders } from './folders.ts';
import { containerName, markerVariable, mountPath, stateFolder, subPathOf, volumeName } from './injected-names.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Container, Pod, Resources } from './pod.ts';
import { tokenMount } from './service-account-token.ts';

export interface SidecarContainerOptions {
  readonly pod: Pod;
  readonly settings: PodSettings;
  readonly image: string;
  readonly healthPort: number;
  readonly resources: Resources;
  /** Whether the container needs a token of its own. */
  readonly ownToken: boolean;
}

/** The container that is injected: a native sidecar, or an ordinary init container when every sync only lists. */
export function sidecarContainer({ settings, ...options }: SidecarContainerOptions): Container {
  const { pod, image, healthPort, resources, ownToken } = options;
  return {
    name: containerName,
    image,
    ...(listsOnly(settings) ? {} : { restartPolicy: 'Always' }),
    env: environmentOf(settings, healthPort),
    ports: [{ name: 'sync-health', containerPort: healthPort, protocol: 'TCP' }],
    ...(listsOnly(settings) ? {} : probes(settings, healthPort)),
    resources,
    securityContext: securityContext(pod),
    volumeMounts: [{ name: volumeName, mountPath }, ...(ownToken ? [tokenMount] : [])],
    // A container that ends with an error before it could say why shows the end of its log.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function listsOnly({ syncs }: PodSettings): boolean {
  return syncs.every(({ settings }) => settings.METHOD === 'LIST');
}

/** The settings as the sidecar needs them: its own paths in place of the application's. */
function environmentOf(settings: PodSettings, healthPort: number): { name: string; value: string }[] {
  const folders = distinctFolders(settings);
  const process = { ...settings.process, HEALTH_PORT: healthPort, HEALTH_REQUIRED: true, STATE_DIR: stateFolder };
  const syncs = settings.syncs.map(({ name, settings: sync }) => {
    const folder = `${mountPath}/${subPathOf(folders.indexOf(sync.FOLDER))}`;
    return { name, settings: { ...sync, FOLDER: folder, APP_FOLDER: sync.FOLDER } };
  });
  const variables = { ...printEnvironment(sidecarSettings, { process, syncs }), [markerVariable]: 'true' };
  return Object.entries(variables).map(([name, value]) => ({ name, value: escapeReferences(value) }));
}

/**
 * The kubelet replaces `$(NAME)` by another variable and `$$` by `$`; a payload means what it says.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
function escapeReferences(value: string): string {
  return value.replaceAll('$', () => '$$');
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
function securityContext({ spec }: Pod): Readonly<Record<string, unknown>> {
  const user = spec?.securityContext?.runAsUser === 0 ? { runAsUser: unprivilegedUser } : {};
  return {
    ...user,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}
