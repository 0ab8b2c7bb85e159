import { expect } from 'expect';
import fc, { type Arbitrary } from 'fast-check';
import { annotationNaming, profileNaming } from '../../shared/settings/naming.ts';
import type { Configuration } from '../../webhook/configuration/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import { podSettings } from '../../webhook/pod-settings.ts';
import type { Pod } from '../../webhook/pod.ts';
import { sometimesAsked } from '../../test/unit/arbitrary-pod.ts';
import { askedOf, laws } from '../../test/unit/injection-laws.ts';
import { fuzzTarget } from './fuzz-target.ts';
import { damaged, hostileText } from './hostile-text.ts';

/** Annotations of every name and any value: an answer always, and what is accepted keeps the laws. */
export const annotationsTarget = fuzzTarget({
  name: 'annotations',
  share: 40,
  start: () => ({ arbitrary: annotations(), holds: annotationsHold }),
});

const rows = [...Object.keys(podSettings.process), ...Object.keys(podSettings.sync)];
// What nobody but their owner may see; it stands in no answer of ours.
const password = 'correct-horse-battery-staple';
// It asks for the pod as a test builds it, by settings as they were typed in full; here they come in any spelling.
const { 'gives the intended pod': _, ...lawsOfAny } = laws;

function annotations(): Arbitrary<Record<string, string>> {
  const place = fc.record({
    row: fc.constantFrom(...rows),
    sync: fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, fc.constantFrom('a', 'b', '__proto__')),
  });
  const name = place.map((one) => annotationNaming.spell(one));
  const some = fc.dictionary(fc.oneof({ arbitrary: name, weight: 9 }, damaged(name)), values(), { maxKeys: 5 });
  const asking = fc.constantFrom<Record<string, string>>(
    {},
    { label: 'a', folder: '/b' },
    { label: 'a', folder: '/b' },
    { label: 'a', folder: '/b', syncs: 'a,b', 'a.folder': '/c' },
  );
  const secret = fc.constantFrom<Record<string, string>>(
    ...Array<Record<string, string>>(6).fill({}),
    { 'req-url': `https://u:${password}@example.com/` },
    { 'req-password': password },
    { 'env-from': `TOKEN=${password}` },
  );
  return fc
    .tuple(asking, secret, fc.oneof(some, fitting()), crowd())
    .map(([base, kept, more, others]) => ({ ...others, ...more, ...annotated({ inject: 'true', ...base, ...kept }) }));
}

/** Mostly none, else names by the hundred that nobody knows. */
function crowd(): Arbitrary<Record<string, string>> {
  const name = fc.constantFrom('sync-sidecar.io/labl-', 'x.sync-sidecar.io/label-', 'sync-sidecar.io/');
  const ending = fc.constantFrom('', '.sync-sidecar.io/label');
  const many = fc.record({ name, ending, count: fc.nat(2000) }).map(({ name: start, ending: end, count }) => {
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${start}${index}${end}`, 'x']));
  });
  return fc.oneof({ arbitrary: fc.constant({}), weight: 19 }, many);
}

/** Settings with values that go with them, though not all with each other. */
function fitting(): Arbitrary<Record<string, string>> {
  const entries = Object.entries(sometimesAsked).flatMap(([name, given]) =>
    given.map((value) => [name, value] as const),
  );
  return fc.subarray(entries, { maxLength: 3 }).map((chosen) => annotated(Object.fromEntries(chosen)));
}

/** As a profile spells settings, spelled as annotations. */
function annotated(settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings).map(([name, value]) => {
    const place = profileNaming.locate(name, [])!;
    return [annotationNaming.spell(place), value] as const;
  });
  return Object.fromEntries(entries);
}

function values(): Arbitrary<string> {
  const accepted = fc.constantFrom(...Object.values(sometimesAsked).flat(), 'true', '10s', '5', '0644', 'a,b', 'ALL');
  return fc.oneof(
    { arbitrary: accepted, weight: 4 },
    { arbitrary: damaged(accepted), weight: 2 },
    { arbitrary: hostileText(), weight: 2 },
  );
}

function annotationsHold(given: Record<string, string>): boolean {
  const containers = [{ name: 'app-0', volumeMounts: [{ name: 'data-0', mountPath: '/data' }] }];
  const volumes = [{ name: 'data-0', emptyDir: { medium: 'Memory' } }];
  const pod: Pod = { metadata: { annotations: given }, spec: { containers, volumes } };
  const decision = decideOn(pod);
  if (decision.outcome === 'refuse') {
    expect(decision.message).not.toContain(password);
    expect(decision.message.length).toBeLessThan(mostCharacters);
  }
  if (decision.outcome !== 'inject') return false;
  expect(JSON.stringify(decision.operations).length).toBeLessThan(mostBytes);
  const injected = { pod, operations: decision.operations, asked: askedOf(pod), decide: decideOn };
  for (const law of Object.values(lawsOfAny)) law(injected);
  return true;
}

// Twenty problems and twenty faults, of which no part is longer than 1000 characters.
const mostCharacters = 100_000;
// Some times what fits in etcd: https://etcd.io/docs/v3.6/dev-guide/limit/
const mostBytes = 4 * 1024 * 1024;

const configuration: Configuration = {
  defaults: {},
  profiles: new Map([['default', {}]]),
  policy: { imagePrefixes: ['example.com/mirror'] },
};

function decideOn(pod: Pod): Decision {
  return decide(pod, { namespace: 'x', namespaceLabel: undefined, configuration, image: 'example.com/sidecar:1' });
}
