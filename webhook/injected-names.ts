/** Names that an injected pod has from us; the webhook knows its own work by them. */
export const containerName = 'sync-sidecar';
export const volumeName = 'sync-sidecar';
export const tokenVolumeName = 'sync-sidecar-token';
export const markerVariable = 'SYNC_SIDECAR_INJECTED';

/** Where the sidecar has the shared volume's root, or its folder in a volume that the pod has already. */
export const mountPath = '/sync';
export const stateFolder = `${mountPath}/state`;
export const folderInVolume = 'sync-sidecar';
