import { describe, expect, it } from '@jest/globals';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import { emptyConfiguration as configuration } from './configuration.ts';
import { decide, type Decision } from './decision.ts';
import type { PodSpec } from './pod.ts';

const asking = { inject: 'true', label: 'dashboard', folder: '/etc/dashboards' };

function decidePod(settings: Record<string, string>, spec: PodSpec = { containers: [{ name: 'app' }] }): Decision {
  const pod = { metadata: { annotations: ourAnnotations(settings) }, spec };
  return decide(pod, { namespace: 'x', namespaceLabel: undefined, configuration, image: 'example.com/sidecar:1' });
}

/** Different names, as short as they come. */
function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => index.toString(36));
}

// Each of these took minutes, or all of the memory, for some kilobytes of annotations: whoever takes as long never comes to the
// expectation.
describe('a pod made to hold up the webhook is refused', () => {
  it('for more collections than a sidecar can watch', () => {
    const list = names(1300).join();
    const syncs = names(64).map((name) => `s${name}`);

    expect(decidePod({ ...asking, syncs: syncs.join(), namespace: list, 'resource-name': list })).toEqual({
      outcome: 'refuse',
      reason: 'invalid-settings',
      message: `1 problem with the settings:
  s0.sync-sidecar.io/resource-name: with s0.sync-sidecar.io/namespace and s0.sync-sidecar.io/resource makes 108160000 collections to watch of all 64 syncs; accepts at most 1000: one for each name, in each namespace, of each kind; s0.sync-sidecar.io/namespace=ALL counts as one namespace`,
    });
  });
});
