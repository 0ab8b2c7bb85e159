import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Configuration } from '../../webhook/configuration/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import { allContainers, type Pod } from '../../webhook/pod.ts';
import { arbitraryConfiguration } from './arbitrary-configuration.ts';
import { arbitraryPod, sometimesAsked } from './arbitrary-pod.ts';
import { askedOf, laterStates, laws } from './injection-laws.ts';

const configuration: Configuration = {
  defaults: {},
  profiles: new Map([['default', { label: 'dashboard', folder: '/etc/dashboards' }]]),
  policy: { imagePrefixes: ['example.com/mirror'] },
};
const options = { namespace: 'x', configuration, image: 'example.com/sync-sidecar:1' };

// A second for each law; 20,000 found no more.
const numRuns = 500;
const outcomes: Record<Decision['outcome'], number> = { inject: 0, refuse: 0, admit: 0 };
const shapes = new Map<string, number>();
const settings = new Set<string>();

const cases = fc.record({
  pod: arbitraryPod(),
  namespaceLabel: fc.constantFrom(undefined, 'true', 'default', 'false'),
});

describe('the patch of an injection', () => {
  it.each(Object.entries(laws))('%s', (_name, law) => {
    fc.assert(
      fc.property(cases, ({ pod, namespaceLabel }) => {
        const decideOn = (one: Pod): Decision => decide(one, { ...options, namespaceLabel });
        const decision = decideOn(pod);
        outcomes[decision.outcome]++;
        if (decision.outcome !== 'inject') return;
        countShapes(pod);
        law({ pod, operations: decision.operations, asked: askedOf(pod), decide: decideOn });
      }),
      { numRuns },
    );
  });

  afterAll(() => {
    // Fewer would show nothing of a branch.
    for (const [outcome, share] of shares('generated pods', Object.entries(outcomes))) {
      expect([outcome, share >= 10]).toEqual([outcome, true]);
    }
    shares('of those that are injected', [...shapes], outcomes.inject);
    const lists = ['annotations', 'volumes', 'initContainers', 'volumeMounts', 'env', 'ports', 'resources'];
    const expected = lists.flatMap((list) => ['absent', 'empty', 'filled'].map((shape) => `${list} ${shape}`));
    expect([...shapes.keys()].sort()).toEqual(expected.sort());
    expect([...settings].sort()).toEqual(Object.keys(sometimesAsked).sort());
  });
});

describe('what one replica has injected', () => {
  it('each other one finds injected, whatever their configurations, images and namespaces', () => {
    const replica = fc.record({
      configuration: arbitraryConfiguration(),
      namespaceLabel: fc.constantFrom(undefined, 'true', 'default', 'grafana', 'gone'),
      namespace: fc.constantFrom('x', 'y'),
      image: fc.constantFrom('example.com/sync-sidecar:1', 'example.com/sync-sidecar:2'),
    });
    let injected = 0;

    fc.assert(
      fc.property(arbitraryPod(), replica, replica, (pod, one, other) => {
        const decision = decide(pod, one);
        if (decision.outcome !== 'inject') return;
        injected++;
        for (const later of laterStates(pod, decision.operations)) {
          expect(decide(later, other)).toEqual({ outcome: 'admit', reason: 'already-injected' });
        }
      }),
      { numRuns },
    );

    expect(injected).toBeGreaterThan(numRuns / 10);
  });
});

/** What the parts of a pod that a patch may have to make, or to add to, are like. */
function countShapes(pod: Pod): void {
  const { annotations } = pod.metadata ?? {};
  const { volumes, initContainers, resources } = pod.spec ?? {};
  const parts: [string, unknown][] = [...Object.entries({ annotations, volumes, initContainers, resources })];
  for (const { volumeMounts, env, ports } of allContainers(pod))
    parts.push(...Object.entries({ volumeMounts, env, ports }));
  const found = new Set(parts.map(([name, part]) => `${name} ${shapeOf(part)}`));
  for (const shape of found) shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  for (const name of Object.keys(sometimesAsked)) {
    if (annotations?.[`sync-sidecar.io/${name}`] !== undefined) settings.add(name);
  }
}

function shapeOf(part: unknown): string {
  if (part === undefined) return 'absent';
  return Object.keys(part as object).length > 0 ? 'filled' : 'empty';
}

/** Prints how many of a hundred each is, and returns it. */
function shares(
  what: string,
  counts: readonly (readonly [string, number])[],
  total = counts.reduce((sum, [, count]) => sum + count, 0),
): (readonly [string, number])[] {
  const all = counts.map(([name, count]) => [name, Math.round((100 * count) / total)] as const);
  process.stdout.write(`${what}: ${all.map(([name, share]) => `${share} % ${name}`).join(', ')}\n`);
  return all;
}
