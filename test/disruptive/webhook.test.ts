import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { eventually } from '../eventually.ts';
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

  it.each(['kube-system', 'kube-node-lease', 'sync-sidecar'])(
    'is not asked for pods of %s; the admission policy refuses one that asks there',
    async (where) => {
      expect(await create(where, 'plain')).toBe('admitted');
      expect(await create(where, 'asks', asking)).toContain("ValidatingAdmissionPolicy 'sync-sidecar'");
    },
  );

  it.each(['kube-system', 'kube-node-lease', 'sync-sidecar'])(
    'is not asked for pods of %s though its label asks: the admission policy refuses them',
    async (where) => {
      const label = ['label', 'namespace', where];
      await controlPlane.kubectlOutput([...label, 'sync-sidecar.io/inject=true']);

      // Admission learns of the label some time after it was stored.
      const refusal = await eventually(
        async () => {
          const answer = await create(where, `labelled-${Math.random().toString(36).slice(2)}`);
          return answer !== 'admitted' && answer;
        },
        { timeoutMs: 10_000 },
      );
      await controlPlane.kubectlOutput([...label, 'sync-sidecar.io/inject-']);

      expect(refusal).toContain("ValidatingAdmissionPolicy 'sync-sidecar'");
    },
  );

  it('lets a namespace opt in and out all the same, and refuses only pods of one that is in', async () => {
    const name = await controlPlane.createNamespace('late');
    const label = (value: string): Promise<string> =>
      controlPlane.kubectlOutput(['label', 'namespace', name, '--overwrite', `sync-sidecar.io/inject${value}`]);

    await label('=true');
    expect(await create(name, 'while-in')).toContain('failed calling webhook "namespaces.sync-sidecar.io"');
    expect(await create(name, 'opted-out', { 'sync-sidecar.io/inject': 'false' })).toBe('admitted');
    await label('-');
    expect(await create(name, 'after')).toBe('admitted');
  });

  it('injects again once it is back, with the CA that it had', async () => {
    await webhook.restart();

    expect(await create(namespace, 'after', asking)).toBe('admitted');
    expect(webhook.program.log()).not.toContain('issued a new CA');
  });
});

describe('with the API server restarted', () => {
  it('stays ready, injects again, and goes on looking after the caBundle', async () => {
    const notReady = (): number => webhook.program.log().split('"not ready"').length;
    const before = notReady();

    await controlPlane.restartApiServer();

    expect(await create(namespace, 'after-restart', asking)).toBe('admitted');
    const patch = '[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]';
    const wipe = ['patch', 'mutatingwebhookconfiguration', 'sync-sidecar', '--type=json', '--patch', patch];
    // The first time a round may be due that the restart has brought about; the second time only the watch tells.
    for (const name of ['after-repair', 'after-second-repair']) {
      await controlPlane.kubectlOutput(wipe);
      // As long as the longest pause between two tries of a watch.
      await eventually(async () => (await create(namespace, name, asking)) === 'admitted', { timeoutMs: 35_000 });
    }
    expect(notReady()).toBe(before);
  }, 120_000);
});
