// scripts/bundle.ts puts the version of package.json in its place.
declare const SYNC_SIDECAR_VERSION: string | undefined;

/** The version of the bundle that runs. */
export const version = typeof SYNC_SIDECAR_VERSION === 'string' ? SYNC_SIDECAR_VERSION : 'from source';
