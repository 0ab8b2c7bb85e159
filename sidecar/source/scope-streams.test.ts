import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { startFakeApiServer, type FakeApiServer } from '../../test/fake-api-server.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { noMeter } from '../health/meter.ts';
import type { Following } from './scope-loop.ts';
import { ScopeStreams } from './scope-streams.ts';
import type { Scope } from './source.ts';

let api: FakeApiServer;
let client: ApiClient;
let streams: ScopeStreams;

beforeEach(async () => {
  api = await startFakeApiServer();
  client = new ApiClient(api.access);
  const entries = { LABEL: 'sync', FOLDER: '/f' };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  if (!settings) throw new Error('unreachable');
  const { process } = settings;
  streams = new ScopeStreams({
    client,
    process,
    log: recordingLog().log,
    meter: noMeter,
    now: () => 0,
    random: () => 0,
  });
});

afterEach(async () => {
  client.close();
  await api.stop();
});

const labelled: Scope = { kind: 'configmap', namespace: 'x', labelSelector: 'sync' };
const named: Scope = { kind: 'configmap', namespace: 'x', name: 'a' };
const watch: Following = { METHOD: 'WATCH', SLEEP_TIME: 60_000 };

it.each<[string, Scope, Following]>([
  ['METHOD=WATCH, whatever their SLEEP_TIME', labelled, watch],
  ['METHOD=LIST, whatever their SLEEP_TIME', labelled, { ...watch, METHOD: 'LIST' }],
])('syncs of one scope with %s share a stream', (_how, scope, following) => {
  const { kind, labelSelector = '', namespace = '' } = scope;
  const other = { ...following, SLEEP_TIME: 1000 };
  expect(streams.of({ namespace, labelSelector, kind }, other)).toBe(streams.of(scope, following));
});

it.each<[string, Scope, Following]>([
  ['kind', { ...labelled, kind: 'secret' }, watch],
  ['namespace', { ...labelled, namespace: 'y' }, watch],
  ['namespace, being all', { kind: 'configmap', labelSelector: 'sync' }, watch],
  ['label selector', { ...labelled, labelSelector: 'other' }, watch],
  ['name', named, watch],
  ['method', labelled, { ...watch, METHOD: 'SLEEP' }],
])('another %s is another stream', (_what, scope, following) => {
  expect(streams.of(scope, following)).not.toBe(streams.of(labelled, watch));
});

it.each<[string, Scope, Following]>([
  ['METHOD=SLEEP', labelled, { ...watch, METHOD: 'SLEEP' }],
  ['a name, which may have to be asked for', named, watch],
])('another SLEEP_TIME is another stream with %s', (_how, scope, following) => {
  expect(streams.of(scope, { ...following, SLEEP_TIME: 1000 })).not.toBe(streams.of(scope, following));
});
