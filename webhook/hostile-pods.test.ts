import { describe, expect, it } from '@jest/globals';
import { ourAnnotations } from '../test/pod-settings-of.ts';
import { emptyConfiguration as configuration } from './configuration/configuration.ts';
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
  it('for names that there are not, of which it hears the first 20', () => {
    const unknown = Object.fromEntries(names(40_000).map((name) => [`no-such-${name}`, 'x']));
    const told = names(20).map(
      (name) => `  sync-sidecar.io/no-such-${name}: is no setting; accepts the settings of docs/annotations.md`,
    );

    for (const settings of [asking, { label: 'a' }]) {
      expect(decidePod({ ...settings, ...unknown })).toEqual({
        outcome: 'refuse',
        reason: 'invalid-settings',
        message: ['40000 problems with the settings:', ...told, '  and 39980 more'].join('\n'),
      });
    }
  });

  it('for containers that there are not, without a list of all that there are for each', () => {
    const containers = names(20_000).map((name) => ({ name: `c${name}` }));
    const chosen = names(800).map((name) => `x-${name}`);
    const decision = decidePod({ ...asking, 'mount-containers': chosen.join() }, { containers });

    const accepts = `accepts ${containers
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 1000)}…`;
    const told = chosen
      .slice(0, 20)
      .map((name) => `  sync-sidecar.io/mount-containers="${name}": the pod has no such container; ${accepts}`);
    const message = ['800 problems with the settings:', ...told, '  and 780 more'].join('\n');
    expect(decision).toEqual({ outcome: 'refuse', reason: 'invalid-settings', message });
  });

  it('for mounts that are in the way, of which it hears the first 20', () => {
    const volumeMounts = names(20_000).map((name) => ({ name: 'data', mountPath: `/etc/dashboards/${name}` }));
    const told = names(20).map(
      (name) => `the container app already mounts /etc/dashboards/${name}, where the sync puts /etc/dashboards`,
    );

    expect(decidePod(asking, { containers: [{ name: 'app', volumeMounts }] })).toEqual({
      outcome: 'refuse',
      reason: 'mount-conflict',
      message: [
        told[0],
        'take that mount away, give the sync another folder, or name the containers that see it in sync-sidecar.io/mount-containers',
        ...told.slice(1),
        'and 19980 more',
      ].join('; '),
    });
  });

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
