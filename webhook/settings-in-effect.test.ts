import { describe, expect, it } from '@jest/globals';
import { environmentNaming } from '../shared/settings/naming.ts';
import { describeProblem } from '../shared/settings/problem.ts';
import { readSettings } from '../shared/settings/read-settings.ts';
import { conflictingSettings, ineffectiveSettings } from './settings-in-effect.ts';
import { webhookSettings, type WebhookSettings } from './settings.ts';

function settingsOf(entries: Record<string, string>): WebhookSettings {
  return readSettings(webhookSettings, [{ naming: environmentNaming, entries }]).settings!.process;
}

const files = { TLS_CERT_FILE: '/tls/tls.crt', TLS_KEY_FILE: '/tls/tls.key' };
const elsewhere = { CA_SECRET: 'a/b', WEBHOOK_CONFIGURATION: 'c', KUBECONFIG: '/d' };

describe('settings of the webhook that do not go together', () => {
  it.each<[string, Record<string, string>]>([
    ['none at all', {}],
    ['files', { TLS_MODE: 'files', ...files }],
    ['files without a cluster', { TLS_MODE: 'files', LOOKUPS: 'off', ...files }],
    ['cert-manager', { TLS_MODE: 'cert-manager', ...files }],
    ['files that nobody reads', { TLS_MODE: 'self', ...files }],
  ])('are not: %s', (_case, entries) => {
    expect(conflictingSettings(settingsOf(entries))).toEqual([]);
  });

  it('are all told, with what goes together', () => {
    const problems = conflictingSettings(settingsOf({ TLS_MODE: 'cert-manager', LOOKUPS: 'off' }));

    expect(problems.map(describeProblem)).toEqual([
      'TLS_CERT_FILE: is required with TLS_MODE=cert-manager and not set',
      'TLS_KEY_FILE: is required with TLS_MODE=cert-manager and not set',
      'LOOKUPS="off": needs a cluster with TLS_MODE=cert-manager; accepts off only with TLS_MODE=files',
    ]);
  });

  it('are LOOKUPS=off and a CA that the webhook keeps in the cluster', () => {
    const problems = conflictingSettings(settingsOf({ LOOKUPS: 'off' }));

    expect(problems.map(describeProblem)).toEqual([
      'LOOKUPS="off": needs a cluster with TLS_MODE=self; accepts off only with TLS_MODE=files',
    ]);
  });
});

describe('settings of the webhook that are not accepted', () => {
  it.each([
    { TLS_MODE: 'own', LOOKUPS: 'off' },
    { TLS_MODE: 'self', LOOKUPS: 'of' },
  ])('say nothing of others: %j', (entries) => {
    const { process } = readSettings(webhookSettings, [{ naming: environmentNaming, entries }]);

    expect(conflictingSettings(process)).toEqual([]);
  });
});

describe('settings of the webhook without effect', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ ...files, ...elsewhere }, ['TLS_CERT_FILE', 'TLS_KEY_FILE']],
    [{ TLS_MODE: 'files', ...files, ...elsewhere }, ['CA_SECRET']],
    [{ TLS_MODE: 'cert-manager', ...files }, []],
    [
      { TLS_MODE: 'files', LOOKUPS: 'off', ...files, ...elsewhere },
      ['CA_SECRET', 'WEBHOOK_CONFIGURATION', 'KUBECONFIG'],
    ],
  ])('of %j are %j', (entries, expected) => {
    expect(ineffectiveSettings(settingsOf(entries))).toEqual(expected);
  });
});
