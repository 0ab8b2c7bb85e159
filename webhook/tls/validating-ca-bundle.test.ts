import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryObjects } from '../../test/in-memory-objects.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { ensureValidatingCaBundle } from './validating-ca-bundle.ts';

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/sync-sidecar';
const clientConfig = { url: 'https://127.0.0.1/validate' };

let objects: InMemoryObjects;

beforeEach(() => {
  objects = new InMemoryObjects();
});

/** Ensures the bundle "ours", by a client that fails when the test says so; answers what was logged. */
async function ensure(client: Pick<InMemoryObjects, 'request'> = objects, signal = AbortSignal.any([])) {
  const { log, lines } = recordingLog();
  await ensureValidatingCaBundle('ours', { client, name: 'sync-sidecar', signal, log });
  return lines.map(({ level, msg }) => `${String(level)} ${String(msg)}`);
}

const failing = { request: () => Promise.reject(new Error('no answer')) };

describe('the caBundle of the validating webhook', () => {
  it('is set in every entry, and nothing else is', async () => {
    objects.put(path, {
      metadata: { name: 'sync-sidecar' },
      webhooks: [{ name: 'a', clientConfig, timeoutSeconds: 2 }],
    });

    expect(await ensure()).toEqual([]);
    expect(objects.get(path)).toEqual({
      metadata: { name: 'sync-sidecar', resourceVersion: '2' },
      webhooks: [
        {
          name: 'a',
          clientConfig: { ...clientConfig, caBundle: Buffer.from('ours').toString('base64') },
          timeoutSeconds: 2,
        },
      ],
    });
  });

  it('is left alone where the validating webhook is not registered', async () => {
    expect(await ensure()).toEqual([]);
    expect(objects.requests).toEqual([`GET ${path}`]);
  });

  it('keeps nobody waiting: that it could not be set is logged', async () => {
    expect(await ensure(failing)).toEqual(['WARNING the caBundle of the validating webhook could not be ensured']);
    expect(await ensure(failing, AbortSignal.abort())).toEqual([]);
  });
});
