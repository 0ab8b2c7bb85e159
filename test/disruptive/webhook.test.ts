import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { asking, pod } from '../product/test-objects.ts';
import { startWebhook, type RegisteredWebhook } from '../product/webhook-program.ts';
import { startOwnControlPlane } from './own-control-plane.ts';

let controlPlane: ControlPlane;
let webhook: RegisteredWebhook;
let folder: TemporaryFolder;
let namespace: string;
let optedIn: string;

beforeAll(async () => {
  controlPlane = await startOwnControlPlane();
  folder = await createTemporaryFolder('sync-sidecar-test-');
  webhook = await startWebhook(controlPlane, { folder: folder.path });
  namespace = await controlPlane.createNamespace('pods');
  optedIn = await controlPlane.createNamespace('opted-in', { 'sync-sidecar.io/inject': 'true' });
}, 60_000);

afterAll(async () => {
  await webhook.stop();
  await controlPlane.stop();
  await folder.remove();
});

/** Tries to create a pod; answers 'admitted', or the words of the refusal. */
async function create(where: string, name: string, annotations?: Record<string, string>): Promise<string> {
  const input = JSON.stringify(pod({ name, ...(annotations && { annotations }) }));
  const { code, stderr } = await controlPlane.kubectl(['create', '--namespace', where, '--filename', '-'], { input });
  return code === 0 ? 'admitted' : stderr;
}

describe('with the webhook killed', () => {
  beforeAll(async () => {
    expect(await create(namespace, 'before', asking)).toBe('admitted');
    await webhook.program.kill();
  });

  it('refuses a pod that asks for the sidecar', async () => {
    expect(await create(namespace, 'asks', asking)).toContain('failed calling webhook "pods.sync-sidecar.io"');
  });

  it('refuses a pod of a namespace that asks for the sidecar', async () => {
    expect(await create(optedIn, 'plain')).toContain('failed calling webhook "namespaces.sync-sidecar.io"');
  });

  it.each([
    ['a pod without annotations', undefined],
    ["a pod with somebody else's annotations", { 'example.com/inject': 'true' }],
    ['a pod with inject "false"', { 'sync-sidecar.io/inject': 'false' }],
  ])('admits %s', async (_who, annotations) => {
    expect(await create(namespace, `other-${Math.random().toString(36).slice(2)}`, annotations)).toBe('admitted');
  });

  it('admits a pod with inject "false" of a namespace that asks for the sidecar', async () => {
    expect(await create(optedIn, 'opted-out', { 'sync-sidecar.io/inject': 'false' })).toBe('admitted');
  });

  it('injects again once it is back, with the CA that it had', async () => {
    await webhook.restart();

    expect(await create(namespace, 'after', asking)).toBe('admitted');
    expect(webhook.program.log()).not.toContain('issued a new CA');
  });
});
