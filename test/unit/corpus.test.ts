import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { emptyConfiguration } from '../../webhook/configuration/configuration.ts';
import { decide, type Decision } from '../../webhook/decision.ts';
import type { Pod } from '../../webhook/pod.ts';
import { askedOf, laws } from './injection-laws.ts';

const folder = join(import.meta.dirname, 'corpus');
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const image = 'example.com/sync-sidecar:1';

function decideOn(pod: Pod): Decision {
  return decide(pod, { namespace: 'x', namespaceLabel: undefined, configuration: emptyConfiguration, image });
}

const pods = new Map(files.map(({ name, text }) => [name.replace(/\.yaml$/, ''), parse(text) as Pod]));
pods.set('large', largePod());

/** What stands in the way of the pods that can't be injected. */
const refused: Readonly<Record<string, string>> = {
  'host-network-without-port': 'health-port',
  'istio-cni': 'mesh-cni',
  'linkerd-cni': 'mesh-cni',
  windows: 'windows',
};

describe('of the pods that charts and injectors make', () => {
  it.each(files)('$name says what it is modelled on', ({ text }) => {
    expect(text).toMatch(/^# Modelled on [^]+?\n(?!#)/);
  });

  it('one has more than 60 KB', () => {
    expect(JSON.stringify(pods.get('large')).length).toBeGreaterThan(60_000);
  });

  it.each(Object.entries(refused))('%s is refused: %s', (name, reason) => {
    expect(decideOn(pods.get(name)!)).toMatchObject({ outcome: 'refuse', reason });
  });

  const injected = [...pods.keys()].filter((name) => !(name in refused));

  it.each(injected)('%s is injected', (name) => {
    expect(decideOn(pods.get(name)!)).toMatchObject({ outcome: 'inject' });
  });

  const cases = injected.flatMap((name) => Object.keys(laws).map((law) => [law, name] as const));

  it.each(cases)('%s: %s', (law, name) => {
    const pod = pods.get(name)!;
    const decision = decideOn(pod);
    const operations = decision.outcome === 'inject' ? decision.operations : [];

    laws[law]!({ pod, operations, asked: askedOf(pod), decide: decideOn });
  });
});

/** As of an application that is configured by its environment. */
function largePod(): Pod {
  const env = Array.from({ length: 1500 }, (_, index) => ({
    name: `VARIABLE_${index}`,
    value: '$(POD_IP) '.repeat(2),
  }));
  const containers = Array.from({ length: 20 }, (_, index) => ({ name: `worker-${index}`, image: 'worker' }));
  const annotations = {
    'sync-sidecar.io/inject': 'true',
    'sync-sidecar.io/label': 'worker',
    'sync-sidecar.io/folder': '/etc/worker',
    'example.com/notes': 'x'.repeat(10_000),
  };
  return { metadata: { annotations }, spec: { containers: [{ name: 'app', env }, ...containers] } };
}
