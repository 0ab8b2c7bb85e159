import { describe, expect, it } from '@jest/globals';
import { settingsOf } from '../decision.ts';
import { risksOf } from './risks.ts';

const from = 'grafana-admin/password';

/** The risks of a pod with these settings, beside those of a profile. */
function risks(settings: Record<string, string>, profile: Record<string, string> = {}): string[] {
  const given = { label: 'dashboard', folder: '/tmp/dashboards', ...settings };
  const annotations = Object.entries(given).map(([name, value]) => [`sync-sidecar.io/${name}`, value]);
  const pod = { metadata: { annotations: Object.fromEntries(annotations) as Record<string, string> } };
  const configuration = { defaults: {}, profiles: new Map([['default', profile]]) };
  const found = settingsOf(pod, { namespace: 'shop', namespaceLabel: undefined, configuration, image: 'x' });
  if (!found) throw new Error('the settings are not accepted');
  return risksOf(found);
}

const risk =
  'the credentials go to each host that a .url key of a synced object names; let the platform team limit them by url-allowed-hosts in a profile';

describe('credentials for downloads from every host', () => {
  it.each([
    ['url-password-from', { 'url-password-from': from }],
    ['url-password-from', { 'url-password-from': from, 'req-url': 'http://localhost/', 'req-password-from': from }],
    ['req-password-from', { 'req-password-from': from }],
  ])('are told, as whoever writes an object says where: %s, %j', (name, settings) => {
    expect(risks(settings)).toEqual([`sync-sidecar.io/${name}: ${risk}`]);
  });

  it('are told as of the profile where it names them', () => {
    expect(risks({}, { 'url-password-from': from })).toEqual([`profile default: url-password-from: ${risk}`]);
  });

  it('are none where hosts are limited', () => {
    expect(risks({ 'url-password-from': from }, { 'url-allowed-hosts': '*.example.com' })).toEqual([]);
  });

  it.each([
    { 'req-url': 'http://localhost/', 'req-password-from': from },
    { 'req-password-from': from, 'url-use-req-basic-auth': 'false' },
  ])('are none where they go to the host of req-url alone, or nowhere: %j', (settings) => {
    expect(risks(settings)).toEqual([]);
  });
});
