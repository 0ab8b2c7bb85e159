import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { sidecarImage, webhookImage } from '../node/images.ts';
import type { ClusterNode } from '../node/node.ts';
import { helm, useHelm } from '../packaging/use-helm.ts';
import { expectEventually } from '../product/expect-eventually.ts';
import { asking, pod } from '../product/test-objects.ts';
import { readTrust } from '../product/webhook-trust.ts';
import { containersIn, createDeployment, failedCreate, podsIn, syncedContents, untilDeployed } from './deployments.ts';
import { untilRolledOut } from './installation.ts';
import { killWebhook } from './killed-webhook.ts';
import { objectsOfOurName } from './leftover-objects.ts';
import { startBareNode } from './own-node.ts';
import { dashboard, restartCounts } from './pods.ts';
import { replaceUnderStream } from './streamed-replacement.ts';
import { duration, tell, tellDuration } from './tell.ts';
import { useNode } from './use-node.ts';
import { webhookNamespace } from './webhook-pods.ts';

let node: ClusterNode;
let folder: TemporaryFolder;

// Of its own, for the webhook that is beside the shared one answers for all its namespaces.
useNode(async () => (node = await startBareNode()));
useHelm(() => node);
beforeAll(async () => (folder = await createTemporaryFolder('sync-sidecar-chart-')));
// They are undefined where they did not start.
afterAll(() => (node as ClusterNode | undefined)?.stop());
afterAll(() => (folder as TemporaryFolder | undefined)?.remove());

const chart = join(import.meta.dirname, '../../manifests/chart');
const release = ['sync-sidecar', '--namespace', webhookNamespace];
const values = { registry: 'localhost' };
/** Of a chart that is to come; there is none before this one, from which an upgrade could begin. */
const nextVersion = '99.0.0';

/** Writes a file for `--values`; answers its path. */
async function writeValues(values: object): Promise<string> {
  const path = join(folder.path, 'values.json');
  await writeFile(path, JSON.stringify(values));
  return path;
}

/** Packages the chart as its next version, for which the node gets images of that tag; answers the package. */
async function packageNext(): Promise<string> {
  for (const image of [webhookImage, sidecarImage]) await node.ctr('images', 'tag', image, ofNext(image));
  const versions = ['--version', nextVersion, '--app-version', nextVersion];
  await helm.helmOutput(['package', chart, ...versions, '--destination', folder.path]);
  return join(folder.path, `sync-sidecar-${nextVersion}.tgz`);
}

function ofNext(image: string): string {
  return image.replace(/:[^:]*$/, `:${nextVersion}`);
}

/** Tries to create a pod; answers `created`, or the words of the refusal. */
async function create(namespace: string, name: string, annotations: Record<string, string> = {}): Promise<string> {
  // No node is to start it.
  const spec = { schedulingGates: [{ name: 'example.com/never' }] };
  const input = JSON.stringify(pod({ name, annotations, spec }));
  const { code, stderr } = await node.kubectl(['create', '--namespace', namespace, '--filename', '-'], { input });
  return code === 0 ? 'created' : stderr;
}

describe('the chart', () => {
  /** Of the first Deployment. */
  let first: string;

  it('is installed, and the first Deployment that asks has its sidecars within a minute', async () => {
    const startedAt = performance.now();
    const install = ['install', ...release, chart, '--create-namespace', '--values', await writeValues(values)];

    await tellDuration('helm install', () => helm.helmOutput([...install, '--wait']));
    first = await createDeployment();
    await untilDeployed(first, startedAt + 60_000 - performance.now());

    tell(`from helm install until the first Deployment was ready: ${duration(performance.now() - startedAt)}`);
    expect(await syncedContents(first)).toEqual(['hello', 'hello']);
  }, 150_000);

  it('passes its own test', async () => {
    const said = await tellDuration('helm test', () => helm.helmOutput(['test', ...release]));

    expect(said).toMatch(/^Phase: +Succeeded$/m);
  }, 150_000);

  it('is upgraded under a stream of pods, of which none is refused; the CA and the pods that run stay as they are', async () => {
    const before = { trust: await readTrust(node), containers: await containersIn(first) };
    const next = await packageNext();
    const profiles = { hello: { label: 'dashboard', folder: '/etc/dashboards' } };
    const path = await writeValues({ ...values, configuration: { profiles } });

    const upgrade = ['upgrade', ...release, next, '--values', path, '--wait'];

    const streamed = await replaceUnderStream({ by: 'helm upgrade', replace: () => helm.helmOutput(upgrade) });

    expect(streamed.failures).toEqual([]);
    expect(streamed.injected).toBeGreaterThanOrEqual(200);
    expect(streamed.perSecond).toBeGreaterThanOrEqual(5);
    expect({ trust: await readTrust(node), containers: await containersIn(first) }).toEqual(before);
  }, 300_000);

  it('has brought by its upgrade new images, and the profile', async () => {
    const { 'sync-sidecar.io/inject': inject } = asking;
    const namespace = await createDeployment({ 'sync-sidecar.io/inject': inject, 'sync-sidecar.io/profile': 'hello' });
    const pods = await untilDeployed(namespace);

    expect(await syncedContents(namespace)).toEqual(['hello', 'hello']);
    const images = pods.map(({ spec }) => spec.initContainers?.map(({ image }) => image));
    expect(images).toEqual([[ofNext(sidecarImage)], [ofNext(sidecarImage)]]);
  }, 90_000);

  it('lets pods that ask wait while all replicas are killed, and no others; they come once it is back', async () => {
    const before = await containersIn(first);
    let waiting: string;
    {
      await using _killed = await killWebhook();
      waiting = await createDeployment();
      const refusal = await eventually(() => failedCreate(waiting), { timeoutMs: 30_000 });
      expect(refusal).toContain('failed calling webhook "pods.sync-sidecar.io"');

      await untilDeployed(await createDeployment({}));
      await node.apply([dashboard('changed')], first);
      await expectEventually(() => syncedContents(first), ['changed', 'changed']);
      expect(await podsIn(waiting)).toEqual([]);
    }

    await tellDuration('from the last kill until the pods that had to wait were ready', () =>
      untilDeployed(waiting, 120_000),
    );
    expect(await syncedContents(waiting)).toEqual(['hello', 'hello']);
    expect(await containersIn(first)).toEqual(before);
  }, 300_000);

  it('goes on, as the pods with a sidecar do, when the kubelet is restarted', async () => {
    await untilRolledOut();
    const [ours, theirs] = [await containersIn(webhookNamespace), await containersIn(first)];

    await tellDuration('kubelet killed and back', () => node.restartKubelet());

    const namespace = await createDeployment();
    await untilDeployed(namespace);
    expect(await syncedContents(namespace)).toEqual(['hello', 'hello']);
    await node.apply([dashboard('changed again')], first);
    await expectEventually(() => syncedContents(first), ['changed again', 'changed again']);
    expect([await containersIn(webhookNamespace), await containersIn(first)]).toEqual([ours, theirs]);
  }, 150_000);

  it('is uninstalled: pods are created at once, and nothing of it is left but its namespace', async () => {
    const optedIn = await node.createNamespace('opted-in', { 'sync-sidecar.io/inject': 'true' });

    await tellDuration('helm uninstall', () => helm.helmOutput(['uninstall', ...release, '--wait']));

    expect(await create(first, 'plain')).toBe('created');
    // The API server looks once a second whether policies have gone.
    // https://github.com/kubernetes/kubernetes/blob/v1.36.3/staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_source.go
    const createAsking = async () => expect(await create(first, 'asking', asking)).toBe('created') ?? true;
    await eventually(createAsking, { timeoutMs: 15_000 });
    expect(await create(optedIn, 'plain')).toBe('created');
    await node.kubectlOutput(['delete', 'pods', '--all', '--namespace', first]);
    const pods = await untilDeployed(first);
    expect(pods.map(restartCounts)).toEqual([{ app: 0 }, { app: 0 }]);
    await expectEventually(objectsOfOurName, [`namespace/${webhookNamespace}`], 60_000);
  }, 150_000);
});
