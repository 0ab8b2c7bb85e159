import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../shared/settings/problem.ts';
import { podSettingsOf } from '../test/pod-settings-of.ts';
import { credentialProblems, credentialVariables } from './credentials.ts';

describe('credentials', () => {
  it('come from Secrets, for one sync without a name', () => {
    const settings = podSettingsOf({
      label: 'l',
      folder: '/f',
      'req-username-from': 'grafana/user',
      'req-password-from': 'grafana/password',
    });

    expect(credentialVariables(settings)).toEqual([
      { name: 'REQ_USERNAME', valueFrom: { secretKeyRef: { name: 'grafana', key: 'user' } } },
      { name: 'REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'grafana', key: 'password' } } },
    ]);
    expect(credentialProblems(settings)).toEqual([]);
  });

  it('are those of a sync, before those of all', () => {
    const settings = podSettingsOf({
      syncs: 'a,b-c',
      label: 'l',
      'a/folder': '/a',
      'b-c/folder': '/b',
      'req-password-from': 'all/password',
      'b-c/req-password-from': 'own/password',
    });

    expect(credentialVariables(settings)).toEqual([
      { name: 'A__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'all', key: 'password' } } },
      { name: 'B_C__REQ_PASSWORD', valueFrom: { secretKeyRef: { name: 'own', key: 'password' } } },
    ]);
  });

  it('are not set in two ways', () => {
    const settings = podSettingsOf({
      syncs: 'a,b',
      label: 'l',
      'a/folder': '/a',
      'b/folder': '/b',
      'a/req-username': 'admin',
      'b/url-username': 'admin',
      'req-username-from': 'grafana/user',
      'b/url-username-from': 'grafana/user',
    });

    expect(credentialProblems(settings).map(describeProblem)).toEqual([
      "a.sync-sidecar.io/req-username-from: can't be set besides a.sync-sidecar.io/req-username; accepts one of the two",
      "b.sync-sidecar.io/url-username-from: can't be set besides b.sync-sidecar.io/url-username; accepts one of the two",
    ]);
  });
});
