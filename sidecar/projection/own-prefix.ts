/** What the names of the sidecar's own files begin with, wherever they lie. No object may claim such a name. */
export const ownPrefix = '.sync-sidecar.';
