import { sidecarSuite } from './sidecar/sidecar-suite.ts';
import type { Suite } from './suite.ts';
import { webhookSuite } from './webhook/webhook-suite.ts';

/** All suites, in the order in which `npm run bench` runs them. */
export const suites: readonly Suite[] = [sidecarSuite, webhookSuite];
