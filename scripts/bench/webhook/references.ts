import type { Reference } from '../with-references.ts';

/** Webhooks that inject sidecars too, both written in Go, with figures of another run on two cores; what was not measured then is not here. */
export const references: readonly Reference[] = [
  {
    name: 'tumblr (reference, other run)',
    figures: {
      'grafana.rate': [2060],
      'grafana.cpu': [0.49],
      'large.cpu': [2.9],
      'unasked.cpu': [0.39],
      'steady.p99': [2.3],
    },
  },
  {
    name: 'vault-k8s (reference, other run)',
    figures: {
      'grafana.rate': [1410],
      'grafana.cpu': [0.71],
      'large.cpu': [3.9],
      'unasked.cpu': [0.32],
      'steady.p99': [4.9],
    },
  },
];
