/** Names that an injected pod has from us; the webhook knows its own work by them. */
export const containerName = 'sync-sidecar';
export const volumeName = 'sync-sidecar';
export const tokenVolumeName = 'sync-sidecar-token';
export const markerVariable = 'SYNC_SIDECAR_INJECTED';

/** Where the sidecar has the shared volume's root; one mount for all folders, as a rename can't cross mounts. */
export const mountPath = '/sync';
export const stateFolder = `${mountPath}/state`;

/** The path of the n-th distinct folder within the volume. */
export function subPathOf(index: number): string {
  return `files/${index}`;
}
