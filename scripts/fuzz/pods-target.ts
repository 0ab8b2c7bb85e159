import fc from 'fast-check';
import type { Configuration } from '../../webhook/configuration/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import type { Pod } from '../../webhook/pod.ts';
import { arbitraryPod } from '../../test/unit/arbitrary-pod.ts';
import { askedOf, laws } from '../../test/unit/injection-laws.ts';
import { fuzzTarget } from './fuzz-target.ts';

const configuration: Configuration = {
  defaults: {},
  profiles: new Map([['default', { label: 'dashboard', folder: '/etc/dashboards' }]]),
  policy: { imagePrefixes: ['example.com/mirror'] },
};

/** The laws of an injection for pods as they may come, every law for each. */
export const podsTarget = fuzzTarget({
  name: 'pods',
  share: 20,
  start: () => ({
    arbitrary: fc.record({
      pod: arbitraryPod(),
      namespaceLabel: fc.constantFrom(undefined, 'true', 'default', 'false', 'none'),
    }),
    holds: ({ pod, namespaceLabel }) => {
      const image = 'example.com/sync-sidecar:1';
      const decideOn = (one: Pod): Decision => decide(one, { namespace: 'x', namespaceLabel, configuration, image });
      const decision = decideOn(pod);
      if (decision.outcome !== 'inject') return false;
      const injected = { pod, operations: decision.operations, asked: askedOf(pod), decide: decideOn };
      for (const law of Object.values(laws)) law(injected);
      return true;
    },
  }),
});
