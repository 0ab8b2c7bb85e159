import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../webhook/pod.ts';
import { findFreePort } from '../control-plane/free-port.ts';
import { injectedContainer } from '../product/injected-sidecar.ts';
import { scrapeAt } from '../product/scrape.ts';
import { asking, pod } from '../product/test-objects.ts';
import { cluster } from './use-cluster.ts';
import { createNamespace, decisionsIn, useWebhook } from './use-webhook.ts';

const statusKey = 'sync-sidecar.io/status';
const reviews = 'sync_sidecar_webhook_reviews_total';

let metricsPort: number;

useWebhook('decisions', async () => {
  metricsPort = await findFreePort('127.0.0.1', Math.random);
  return { env: { METRICS_PORT: String(metricsPort) } };
});

async function create(namespace: string, object: object, ...flags: string[]): Promise<string> {
  const args = ['create', '--namespace', namespace, ...flags, '--filename', '-'];
  const { stderr } = await cluster.kubectl(args, { input: JSON.stringify(object) });
  return stderr;
}

async function counts(): Promise<Record<string, number>> {
  const samples = [...(await scrapeAt(metricsPort))].filter(([name, value]) => name.startsWith(reviews) && value > 0);
  return Object.fromEntries(samples.map(([name, value]) => [name.slice(reviews.length), value]));
}

/** What has been added since. */
async function countsSince(before: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const added = Object.entries(await counts()).map(
    ([labels, value]) => [labels, value - (before[labels] ?? 0)] as const,
  );
  return Object.fromEntries(added.filter(([, value]) => value !== 0));
}

function statusOf({ metadata }: Pod): unknown {
  return JSON.parse(metadata?.annotations?.[statusKey] ?? 'null');
}

describe('an injected pod', () => {
  it('says so in its status, and is reviewed a second time also where its namespace has asked', async () => {
    const profile = { 'sync-sidecar.io/label': 'dashboard', 'sync-sidecar.io/folder': '/etc/dashboards' };
    const optedIn = await createNamespace({ 'sync-sidecar.io/inject': 'true' });
    const plain = await createNamespace();

    await cluster.apply([pod({ name: 'app', annotations: profile })], optedIn);
    await cluster.apply([pod({ name: 'app', annotations: asking })], plain);

    const version = expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown;
    const status = { reason: 'injected', version, profile: 'default', syncs: ['sync'] };
    for (const namespace of [optedIn, plain]) {
      expect(statusOf(await cluster.get<Pod>('pod', 'app', '--namespace', namespace))).toEqual(status);
      expect(decisionsIn(namespace)).toEqual(['injected', 'already-injected']);
    }
  });
});

describe('a pod that is sent only because its namespace asks', () => {
  it('is refused for what is missing, and no status that it came with makes it another', async () => {
    const namespace = await createNamespace({ 'sync-sidecar.io/inject': 'true' });

    await create(namespace, pod({ name: 'plain' }));
    await create(namespace, pod({ name: 'copied', annotations: { [statusKey]: '{}' } }));

    expect(decisionsIn(namespace)).toEqual(['invalid-settings', 'invalid-settings']);
  });
});

it('a pod of which only the status is ours is not sent', async () => {
  const namespace = await createNamespace();

  await cluster.apply([pod({ name: 'copied', annotations: { [statusKey]: '{"reason":"injected"}' } })], namespace);

  expect(decisionsIn(namespace)).toEqual([]);
});

it('a dry run is answered as if it were none, and counted apart', async () => {
  const namespace = await createNamespace();
  const before = await counts();

  const printed = await cluster.kubectlOutput(
    ['create', '--namespace', namespace, '--dry-run=server', '--output', 'json', '--filename', '-'],
    { input: JSON.stringify(pod({ name: 'app', annotations: asking })) },
  );

  expect(injectedContainer(JSON.parse(printed) as Pod)?.name).toBe('sync-sidecar');
  expect(decisionsIn(namespace)).toEqual(['injected (dry run)', 'already-injected (dry run)']);
  expect(await countsSince(before)).toEqual({
    '{outcome="inject",reason="injected",dry_run="true"}': 1,
    '{outcome="admit",reason="already-injected",dry_run="true"}': 1,
  });
});

it('a dry run is refused as if it were none, and counted apart', async () => {
  const namespace = await createNamespace();
  const object = pod({ name: 'app', annotations: { ...asking, 'sync-sidecar.io/labl': 'a' } });
  const refusal = await create(namespace, object);
  const before = await counts();

  expect(await create(namespace, object, '--dry-run=server')).toBe(refusal);
  expect(refusal).toContain('sync-sidecar.io/labl: is no setting; did you mean sync-sidecar.io/label?');
  expect(await countsSince(before)).toEqual({
    '{outcome="refuse",reason="invalid-settings",dry_run="true"}': 1,
  });
});

it('a pod without containers is refused in the words of the API server', async () => {
  const namespace = await createNamespace();
  const object = pod({ name: 'empty', annotations: asking, spec: { containers: undefined } });

  const refusal = await create(namespace, object, '--validate=false');

  expect(refusal).toContain('spec.containers: Required value');
  expect(decisionsIn(namespace)).not.toEqual([]);
});
