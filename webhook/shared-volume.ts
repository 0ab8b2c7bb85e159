import { kindsOf } from '../shared/settings/sync-scopes.ts';
import { distinctFolders } from './folders.ts';
import { folderInVolume, mountPath, volumeName } from './injected-names.ts';
import type { PodSettings } from './pod-settings.ts';
import type { Pod, Volume, VolumeMount } from './pod.ts';
import { quantityValue } from './quantity.ts';

/** What sidecar and application share. */
export interface SharedVolume {
  /** The volume that the pod gets; null where it has one for us. */
  readonly added: Volume | null;
  /** The one mount of the sidecar, as a rename can't cross mounts. */
  readonly mount: VolumeMount;
  readonly folders: readonly SharedFolder[];
  /** How many bytes of the sidecar's memory the files may take. */
  readonly memoryBytes: number;
}

/** A folder of one sync or several. */
export interface SharedFolder {
  /** As the application sees it. */
  readonly folder: string;
  /** As the sidecar sees it. */
  readonly path: string;
  /** How the application gets it. */
  readonly mount: VolumeMount;
}

// Enough for the Secrets of most pods, and little beside the memory that they have.
const memorySize = '64Mi';

/** The volume for the folders of a pod's syncs: an emptyDir of our own, or the volume that the pod names. */
export function sharedVolume(pod: Pod, settings: PodSettings): SharedVolume {
  const { VOLUME } = settings.process;
  const folders = distinctFolders(settings);
  if (VOLUME === undefined) {
    const added = ownVolume(settings);
    const mount = { name: volumeName, mountPath };
    return { added, mount, folders: folders.map(folderByNumber), memoryBytes: memoryOf(added) };
  }
  const mount = { name: VOLUME, mountPath, subPath: folderInVolume };
  const present = pod.spec?.volumes?.find(({ name }) => name === VOLUME);
  return {
    added: null,
    mount,
    folders: folders.map((folder) => folderByPath(VOLUME, folder)),
    memoryBytes: memoryOf(present),
  };
}

/** Whether the syncs bring Secrets, which never get to a disk. */
export function hasSecrets({ syncs }: PodSettings): boolean {
  return syncs.some(({ settings }) => kindsOf(settings).includes('secret'));
}

/** Whether what is in a volume is in memory alone. */
export function isInMemory({ emptyDir }: Volume): boolean {
  return emptyDir?.medium === 'Memory';
}

function ownVolume(settings: PodSettings): Volume {
  const { VOLUME_MEDIUM: medium = hasSecrets(settings) ? 'memory' : 'disk', VOLUME_SIZE_LIMIT } = settings.process;
  const sizeLimit = VOLUME_SIZE_LIMIT ?? (medium === 'memory' ? memorySize : undefined);
  return {
    name: volumeName,
    emptyDir: { ...(medium === 'memory' && { medium: 'Memory' }), ...(sizeLimit !== undefined && { sizeLimit }) },
  };
}

function folderByNumber(folder: string, index: number): SharedFolder {
  const subPath = `files/${index}`;
  const mount = { name: volumeName, mountPath: folder, subPath, readOnly: true };
  return { folder, path: `${mountPath}/${subPath}`, mount };
}

/** In a volume that outlasts the pod a folder keeps its place though others come and go. */
function folderByPath(name: string, folder: string): SharedFolder {
  const place = `files${folder}`;
  const mount = { name, mountPath: folder, subPath: `${folderInVolume}/${place}`, readOnly: true };
  return { folder, path: `${mountPath}/${place}`, mount };
}

/** Of a volume that names no limit as much as ours has. */
function memoryOf(volume: Volume | undefined): number {
  if (!volume || !isInMemory(volume)) return 0;
  const limit = quantityValue(volume.emptyDir?.sizeLimit ?? '0');
  return limit > 0 ? Math.ceil(limit) : quantityValue(memorySize);
}
