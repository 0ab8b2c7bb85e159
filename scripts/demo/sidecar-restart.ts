import { readContainerProcesses } from '../../test/node/container-on-machine.ts';
import { containerStatus, readPod, untilPodReady, type RunningPod } from '../../test/product/running-pod.ts';
import { application, placeOf, sidecar, signalSidecar, type PodScene } from './pod-scene.ts';
import type { Ledger } from './promises.ts';

/** Kills the sidecar, and tells what becomes of its application and of the pod. */
export async function showRestart(scene: PodScene, ledger: Ledger): Promise<void> {
  const { node, ref, narrator, signal } = scene;
  narrator.title('The sidecar is killed');
  const pid = await applicationPid(scene, await readPod(node, ref));
  try {
    const start = performance.now();
    await signalSidecar(scene, 'SIGKILL');
    const restarted = (pod: RunningPod): boolean => containerStatus(pod, sidecar).restartCount > 0;
    const pod = await untilPodReady(node, ref, { and: restarted, signal });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    narrator.note(`the pod is Ready again after ${seconds} s; restarts: ${restartsOf(pod)}`);
    const whose = (await applicationPid(scene, pod)) === pid ? 'the same' : 'another';
    ledger.see('restarted', {
      expected: `restarts: ${sidecar} 1, ${application} 0; the application is the same process`,
      observed: `restarts: ${restartsOf(pod)}; the application is ${whose} process`,
    });
  } catch (error) {
    signal.throwIfAborted();
    ledger.fail('restarted', error);
  }
}

async function applicationPid(scene: PodScene, pod: RunningPod): Promise<number> {
  const [first] = await readContainerProcesses(placeOf(scene, pod, application));
  return first.pid;
}

function restartsOf(pod: RunningPod): string {
  return [sidecar, application].map((name) => `${name} ${containerStatus(pod, name).restartCount}`).join(', ');
}
