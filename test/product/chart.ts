import { fileURLToPath } from 'node:url';

/** The folder of the chart. */
export const chart = fileURLToPath(new URL('../../manifests/chart', import.meta.url));
