import { containerName, folderInVolume, mountPath, tokenVolumeName, volumeName } from './injected-names.ts';
import { allContainers, type Container, type Pod, type Volume, type VolumeMount } from './pod.ts';

/** The volume that a sidecar writes the files to, as the pod has it. */
export function filesVolume({ spec }: Pod, { volumeMounts = [] }: Container): Volume | undefined {
  const mount = volumeMounts.find((candidate) => candidate.mountPath === mountPath);
  return mount && spec?.volumes?.find(({ name }) => name === mount.name);
}

/**
 * Whether an init container of our name is built as each that we ever injected: it runs our program as the image has it, says each
 * thing once, starts the application when it has synced, and has the volumes that it shares with another container. What it syncs, and
 * for whom, is not looked at.
 */
export function isSound(pod: Pod, container: Container): boolean {
  const volume = filesVolume(pod, container);
  return (
    allContainers(pod).filter(({ name }) => name === containerName).length === 1 &&
    runsOurProgram(container) &&
    isAwaited(container) &&
    hasOurVolumes(pod, container) &&
    volume !== undefined &&
    allContainers(pod).some((other) => other !== container && seesFiles(other, volume))
  );
}

/** Of a variable that is there twice the kubelet takes the last one. */
function runsOurProgram({ command = [], args = [], env = [] }: Container): boolean {
  return command.length + args.length === 0 && new Set(env.map(({ name }) => name)).size === env.length;
}

/** A native sidecar is waited for by its startup probe; an ordinary init container ends. Of a mesh the probe may ask another port. */
function isAwaited({ restartPolicy, startupProbe }: Container): boolean {
  if (restartPolicy === 'Always') return startupProbe?.httpGet !== undefined;
  return restartPolicy === undefined && startupProbe === undefined;
}

/** Volumes of our names that it mounts are of the type that we give them. */
function hasOurVolumes({ spec }: Pod, { volumeMounts = [] }: Container): boolean {
  return volumeMounts.every(({ name }) => {
    const volume = spec?.volumes?.find((candidate) => candidate.name === name);
    if (name === volumeName) return volume?.emptyDir !== undefined;
    return name !== tokenVolumeName || volume?.projected !== undefined;
  });
}

/** Whether a container mounts a folder with files of ours. */
function seesFiles({ volumeMounts = [] }: Container, { name }: Volume): boolean {
  return volumeMounts.some((mount) => mount.name === name && isFolderOfOurs(mount));
}

function isFolderOfOurs({ name, subPath = '' }: VolumeMount): boolean {
  return subPath.startsWith(name === volumeName ? 'files/' : `${folderInVolume}/files/`);
}
