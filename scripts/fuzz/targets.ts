import { annotationsTarget } from './annotations-target.ts';
import { configurationTarget } from './configuration-target.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { manifestsTarget } from './manifests-target.ts';
import { podsTarget } from './pods-target.ts';
import { reviewsTarget } from './reviews-target.ts';

/** All targets; their shares are a hundred. */
export const targets: readonly FuzzTarget[] = [
  podsTarget,
  annotationsTarget,
  configurationTarget,
  reviewsTarget,
  manifestsTarget,
];
