import { basename } from 'node:path';
import { readContainerMemory, readContainerProcesses } from '../../test/node/container-on-machine.ts';
import { readPod } from '../../test/product/running-pod.ts';
import { processFigures } from '../bench/process-figures.ts';
import { placeOf, sidecar, type PodScene } from './pod-scene.ts';

/** Tells what the sidecar takes, as its cgroup counts and as its process does. */
export async function showMemory(scene: PodScene): Promise<void> {
  const { node, ref, narrator } = scene;
  const place = placeOf(scene, await readPod(node, ref), sidecar);
  const { usage, workingSet } = await readContainerMemory(place);
  const processes = await readContainerProcesses(place);
  const program = processes.find(({ commandLine: [command = ''] }) => basename(command) === 'node');
  if (!program)
    throw new Error(`no process of ${sidecar} is node: ${processes.map((one) => one.commandLine[0]).join(', ')}`);
  const { residentMiB, anonymousMiB } = processFigures(program.pid);
  narrator.title("The sidecar's memory");
  narrator.note(
    `cgroup: ${mebibytes(usage)}, working set ${mebibytes(workingSet)} (by which limits and \`kubectl top\` go)`,
  );
  narrator.note(
    `Node's process: VmRSS ${residentMiB.toFixed(1)} MiB, of which ${anonymousMiB.toFixed(1)} MiB are its own alone;`,
  );
  // https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-ownership
  narrator.note('the rest are pages of files, such as its program, which count for the cgroup that read them first');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
