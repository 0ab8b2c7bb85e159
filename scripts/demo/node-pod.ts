import { readContainerProcesses } from '../../test/node/container-on-machine.ts';
import { containerStatus, readPod, untilPodReady, type RunningPod } from '../../test/product/running-pod.ts';
import { followApplicationLog } from './application-log.ts';
import { welcomeFiles } from './changes.ts';
import { application, placeOf, sidecar, signalSidecar, type PodScene } from './pod-scene.ts';
import type { Sight } from './promises.ts';
import { showMemory } from './sidecar-memory.ts';
import { showRestart } from './sidecar-restart.ts';
import type { RunningApplication } from './stage.ts';

/** Waits until the kubelet has started both containers of the pod. */
export async function startPodOnNode(scene: PodScene, stack: AsyncDisposableStack): Promise<RunningApplication> {
  const { node, ref, narrator, signal } = scene;
  narrator.title('The pod');
  const pod = await untilPodReady(node, ref, { signal });
  const { found, notifications } = await followApplicationLog(scene, stack);
  const [first] = await readContainerProcesses(placeOf(scene, pod, application));
  // Root may look at files through a process that sees them; the pod's volumes are mounted nowhere else on this machine.
  const folder = `/proc/${first.pid}/root/etc/dashboards`;
  const startup = startupOf(pod, found);
  narrator.note(`Ready ${secondsToReady(pod)} s after it was created; ${startup.observed}`);
  narrator.note(`what the application sees is looked at through its process: ${folder}`);
  return {
    ...{ startup, folder, notifications },
    sidecarLog: () => sidecarLog(scene),
    // Killed, it would be started again.
    breakSidecar: () => signalSidecar(scene, 'SIGSTOP'),
    showOnNode: async (ledger) => {
      await showMemory(scene);
      await showRestart(scene, ledger);
    },
  };
}

function startupOf(pod: RunningPod, found: Readonly<Record<string, string>>): Sight {
  // The status has whole seconds; that the files were there when the application started is in its own log.
  const startedAt = (name: string): string => containerStatus(pod, name).state.running?.startedAt ?? 'never';
  const order = startedAt(sidecar) <= startedAt(application) ? [sidecar, application] : [application, sidecar];
  const text = (names: readonly string[], files: object): string =>
    `started: ${names.join(', then ')}; ${application} found ${JSON.stringify(files)}`;
  return { expected: text([sidecar, application], welcomeFiles), observed: text(order, found) };
}

function secondsToReady({ metadata, status }: RunningPod): number {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return (Date.parse(ready?.lastTransitionTime ?? '') - Date.parse(metadata.creationTimestamp)) / 1000;
}

/** Of every run of it: what a container has logged before its restart is a log of its own. */
async function sidecarLog({ node, ref }: PodScene): Promise<string> {
  const { restartCount } = containerStatus(await readPod(node, ref), sidecar);
  const logs = (...flags: string[]): Promise<string> =>
    node.kubectlOutput(['logs', ref.name, '--namespace', ref.namespace, '--container', sidecar, ...flags]);
  return `${restartCount > 0 ? await logs('--previous') : ''}${await logs()}`;
}
