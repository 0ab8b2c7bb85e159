import type { Reference } from '../with-references.ts';

/**
 * Figures of kiwigrid/k8s-sidecar 2.11 from another run on two cores (Python 3.11), the lowest and the highest that were seen; what
 * was not measured then is not here. Five syncs are five of its processes.
 */
const figures: Reference['figures'] = {
  'idle.rss': [74.5],
  'idle.anonymous': [54],
  'five-syncs.rss': [5 * 74.5],
  'five-syncs.anonymous': [5 * 54],
  'list-3000.ready': [4.5, 6.6],
  'list-3000.peak': [160],
  'change.answer': [3.5],
  'change.p50': [4.9],
  'change.p99': [7.6],
  'change-hanging.p50': [30_000],
  'change-hanging.p99': [30_000],
  'burst.last-file': [16],
  'burst.requests': [300],
  'quiet.bytes': [21.6],
};

/** Stands where kiwigrid/k8s-sidecar would, when it is not at hand. */
export const kiwigridReference: Reference = { name: 'kiwigrid (reference, other run)', figures };
