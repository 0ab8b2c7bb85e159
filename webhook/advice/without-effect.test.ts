import { describe, expect, it } from '@jest/globals';
import { ourAnnotations, podSettingsOf } from '../../test/pod-settings-of.ts';
import type { PodSpec } from '../pod.ts';
import { withoutEffect } from './without-effect.ts';

const script = { name: 'scripts', mountPath: '/scripts' };
const plain: PodSpec = { containers: [{ name: 'app', volumeMounts: [script] }] };

/** What is said of a pod with these settings, besides a label and a folder, which injection would complete as here. */
function said(settings: Record<string, string>, platform: Record<string, string> = {}): string[] {
  const own = { label: 'a', folder: '/etc/a', ...settings };
  const all = podSettingsOf({ 'req-skip-init': 'true', ...platform, ...own });
  return withoutEffect({ metadata: { annotations: ourAnnotations(own) }, spec: plain }, all);
}

describe('a setting without effect', () => {
  const url = { 'req-url': 'http://localhost/' };
  const post = { ...url, 'req-method': 'POST' };

  it.each<[Record<string, string>, string]>([
    [{ 'sleep-time': '5s' }, 'sleep-time: no effect with the method WATCH'],
    [{ 'sleep-time': '5s', method: 'LIST', 'resource-name': 'a' }, 'sleep-time: no effect with the method LIST'],
    [
      { 'startup-timeout': '5s', method: 'LIST' },
      'startup-timeout: no effect with the method LIST: an init container has no probes',
    ],
    [{ 'script-timeout': '5s' }, 'script-timeout: no effect without sync-sidecar.io/script'],
    [
      { ...url, method: 'LIST' },
      'req-url: no effect with the method LIST, which ends before the application starts; where another one is to be called, set sync-sidecar.io/req-skip-init: "false"',
    ],
    [{ 'req-method': 'POST' }, 'req-method: no effect without sync-sidecar.io/req-url'],
    [{ 'req-payload': '1' }, 'req-payload: no effect without sync-sidecar.io/req-url'],
    [{ 'req-payload-template': '{{written}}' }, 'req-payload-template: no effect without sync-sidecar.io/req-url'],
    [
      { ...url, 'req-payload': '1' },
      'req-payload: no effect with a GET, which has no body; set sync-sidecar.io/req-method: POST',
    ],
    [{ ...url, 'req-username': 'a' }, 'req-username: no effect without sync-sidecar.io/req-password-from'],
    [{ ...url, 'req-username-from': 'a/b' }, 'req-username-from: no effect without sync-sidecar.io/req-password-from'],
    [{ 'url-username': 'a' }, 'url-username: no effect without sync-sidecar.io/url-password-from'],
    [{ 'url-username-from': 'a/b' }, 'url-username-from: no effect without sync-sidecar.io/url-password-from'],
  ])('is told: %j', (settings, expected) => {
    expect(said(settings)).toEqual([`sync-sidecar.io/${expected}`]);
  });

  it.each<[Record<string, string>]>([
    [{ 'sleep-time': '5s', method: 'SLEEP' }],
    [{ 'sleep-time': '5s', 'resource-name': 'a' }],
    [{ 'startup-timeout': '5s' }],
    [{ script: '/bin/true', 'script-timeout': '5s' }],
    [{ ...url, method: 'LIST', 'req-skip-init': 'false' }],
    [{ ...url, 'req-method': 'GET' }],
    [{ ...post, 'req-payload': '{"a": 1}' }],
    [{ ...post, 'req-payload': 'reload' }],
    [{ ...post, 'req-payload-template': '{{written}}' }],
    [{ ...url, 'req-username': 'a', 'req-password-from': 'a/b' }],
    [{ 'req-payload': ' ' }],
  ])('is none where it has one: %j', (settings) => {
    expect(said(settings)).toEqual([]);
  });

  it('is nothing that the platform says for all', () => {
    expect(said({}, { 'sleep-time': '5s', 'req-method': 'POST', 'req-username': 'a' })).toEqual([]);
    expect(said({ 'req-method': 'POST' }, url)).toEqual([]);
  });

  it('of all syncs is told where none of them uses it', () => {
    const syncs = { syncs: 'a,b', 'b/folder': '/etc/b', 'req-payload': '1', 'req-method': 'POST' };

    expect(said({ ...syncs, 'b/req-url': 'http://localhost/' })).toEqual([]);
    expect(said(syncs)).toHaveLength(2);
  });

  it('of one sync is told of that one', () => {
    const syncs = { syncs: 'a,b', 'b/folder': '/etc/b', 'b/req-url': 'http://localhost/' };

    expect(said({ ...syncs, 'a/req-method': 'POST', 'b/req-method': 'POST' })).toEqual([
      'a.sync-sidecar.io/req-method: no effect without a.sync-sidecar.io/req-url',
    ]);
  });
});

describe('a payload that was meant as JSON', () => {
  it.each(['{"secret": 1', ' [1,]', '{secret: 1}'])('and is none is told, and not shown: %s', (payload) => {
    expect(said({ 'req-url': 'http://localhost/', 'req-method': 'POST', 'req-payload': payload })).toEqual([
      'sync-sidecar.io/req-payload: is no JSON, and is sent as one text in quotes',
    ]);
  });
});

describe('a script', () => {
  it.each(['/scripts/reload.sh', '/scripts/../scripts/a'])('that the pod mounts for itself is told: %s', (path) => {
    expect(said({ script: path })).toEqual([
      'sync-sidecar.io/script: lies in /scripts, which the pod mounts for its own containers: it runs in the sidecar, where only what its image has is found',
    ]);
  });

  it.each(['/bin/reload', '/scripts2/reload.sh', '/etc/a/reload.sh'])('elsewhere may be there: %s', (path) => {
    expect(said({ script: path })).toEqual([]);
  });

  it('in a synced folder has a warning of its own', () => {
    expect(said({ folder: '/scripts/a', script: '/scripts/a/b' })).toEqual([]);
  });
});
