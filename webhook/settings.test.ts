import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { environmentNaming } from '../shared/settings/naming.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { webhookSettings } from './settings.ts';

function read(entries: Record<string, string>): ReturnType<typeof readSettings<typeof webhookSettings>> {
  return readSettings(webhookSettings, [{ naming: environmentNaming, entries }]);
}

describe('the settings of the webhook', () => {
  it('need nothing to be set', () => {
    expect(read({}).settings?.process).toEqual({
      PORT: 8443,
      SIDECAR_IMAGE: 'sync-sidecar:0.1.0',
      CONFIG_FILE: undefined,
      TLS_MODE: 'self',
      TLS_CERT_FILE: undefined,
      TLS_KEY_FILE: undefined,
      LOOKUPS: 'on',
      WEBHOOK_CONFIGURATION: 'sync-sidecar',
      CA_SECRET: { namespace: 'sync-sidecar', name: 'sync-sidecar-ca' },
      KUBECONFIG: undefined,
      RBAC_PREFLIGHT: true,
      METRICS_PORT: 8080,
      SHUTDOWN_DELAY: 5000,
      LOG_LEVEL: 'INFO',
      LOG_FORMAT: 'JSON',
      LOG_TZ: 'LOCAL',
    });
  });

  it('inject the sidecar of the same version', async () => {
    const packageJson = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(packageJson) as { version: string };

    expect(webhookSettings.process.SIDECAR_IMAGE.default).toBe(`sync-sidecar:${version}`);
  });

  it.each([
    ['SIDECAR_IMAGE', ' UPPER/Case:!! ', 'the name of an image, such as registry.example.com/sync-sidecar:1.0.0'],
    ['WEBHOOK_CONFIGURATION', 'Sync Sidecar', 'the name of a MutatingWebhookConfiguration'],
  ])('%s is not accepted as "%s", which no API server would take', (where, given, accepts) => {
    expect(read({ [where]: given }).problems).toEqual([
      { where, kind: 'not-accepted', given, fault: 'is not accepted', accepts },
    ]);
  });

  it('are names of objects and images without white space around them', () => {
    const settings = { SIDECAR_IMAGE: ' [::1]:5000/a/b:1\n', WEBHOOK_CONFIGURATION: ' a.b ', CA_SECRET: ' n/a.b ' };

    expect(read(settings).settings?.process).toMatchObject({
      SIDECAR_IMAGE: '[::1]:5000/a/b:1',
      WEBHOOK_CONFIGURATION: 'a.b',
      CA_SECRET: { namespace: 'n', name: 'a.b' },
    });
  });

  it.each(['name', 'a/b/c', '/name', 'namespace/', 'a.b/name', 'A/name', 'a/Name', 'a/b c'])(
    'CA_SECRET is no name of an object: %s',
    (CA_SECRET) => {
      expect(read({ CA_SECRET }).problems).toEqual([
        {
          where: 'CA_SECRET',
          kind: 'not-accepted',
          given: CA_SECRET,
          fault: 'is not accepted',
          accepts: 'NAMESPACE/NAME',
        },
      ]);
    },
  );
});
