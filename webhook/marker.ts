import { hash } from 'node:crypto';
import { isOurs } from '../shared/settings/naming.ts';
import { markerVariable } from './injected-names.ts';
import type { Container, Pod, Volume } from './pod.ts';
import { isInMemory } from './shared-volume.ts';
import { withoutStatus } from './status-annotation.ts';

// Nobody is to be kept from making one: it tells an edited copy from the work itself, and for that 64 bits are plenty.
const digits = 16;

/**
 * The value of the marker: a digest of the pod's annotations of ours, and of whether the files lie in memory. By it a replica knows
 * the work of every other one, whatever their versions and configurations are: so the recipe stays as it is.
 */
export function markerOf({ metadata }: Pod, volume: Volume | undefined): string {
  const said = Object.entries(withoutStatus(metadata?.annotations ?? {}))
    .filter(([key]) => isOurs(key))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const place = volume && isInMemory(volume) ? 'memory' : 'disk';
  return hash('sha256', JSON.stringify([place, said])).slice(0, digits);
}

/** The marker that a container has; undefined without one. */
export function markerIn({ env = [] }: Container): string | undefined {
  return env.find(({ name }) => name === markerVariable)?.value;
}
