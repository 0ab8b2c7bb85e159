import { printEnvironment } from '../shared/settings/print-settings.ts';
import { sidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { credentialVariables } from './credentials.ts';
import { markerVariable, stateFolder } from './injected-names.ts';
import type { PodSettings } from './pod-settings.ts';
import type { EnvironmentVariable } from './pod.ts';
import type { SharedFolder } from './shared-volume.ts';

export interface EnvironmentOptions {
  readonly healthPort: number;
  readonly folders: readonly SharedFolder[];
  /** By which the injection is known again. */
  readonly marker: string;
}

/** The settings as the sidecar needs them, its own paths in place of the application's; and what the kubelet is to fill in. */
export function sidecarEnvironment(settings: PodSettings, options: EnvironmentOptions): EnvironmentVariable[] {
  return [
    ...printedVariables(settings, options),
    ...credentialVariables(settings),
    ...sourcedVariables(settings),
    { name: markerVariable, value: options.marker },
  ];
}

/** Settings are read once for pods that say the same, and mostly printed once: the folders come of them, the port of the containers. */
const lastPrinted = new WeakMap<PodSettings, { readonly port: number; readonly variables: EnvironmentVariable[] }>();

function printedVariables(settings: PodSettings, options: EnvironmentOptions): readonly EnvironmentVariable[] {
  const last = lastPrinted.get(settings);
  if (last?.port === options.healthPort) return last.variables;
  const entries = Object.entries(printed(settings, options));
  const variables = entries.map(([name, value]) => ({ name, value: escapeReferences(value) }));
  lastPrinted.set(settings, { port: options.healthPort, variables });
  return variables;
}

function printed(settings: PodSettings, { healthPort, folders }: EnvironmentOptions): Record<string, string> {
  const process = { ...settings.process, HEALTH_PORT: healthPort, HEALTH_REQUIRED: true, STATE_DIR: stateFolder };
  const pathOf = new Map(folders.map(({ folder, path }) => [folder, path]));
  const syncs = settings.syncs.map(({ name, settings: sync }) => {
    const FOLDER = pathOf.get(sync.FOLDER) ?? sync.FOLDER;
    return { name, settings: { ...sync, FOLDER, APP_FOLDER: sync.FOLDER } };
  });
  return printEnvironment(sidecarSettings, { process, syncs });
}

/**
 * The kubelet replaces `$(NAME)` by another variable and `$$` by `$`; a payload means what it says.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
function escapeReferences(value: string): string {
  return value.replaceAll('$', () => '$$');
}

function sourcedVariables({ process }: PodSettings): EnvironmentVariable[] {
  return (process.ENV_FROM ?? []).map(({ variable, kind, name, key }) => ({
    name: variable,
    valueFrom: kind === 'secret' ? { secretKeyRef: { name, key } } : { configMapKeyRef: { name, key } },
  }));
}
