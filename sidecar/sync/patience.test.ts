import { expect, it } from '@jest/globals';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { patienceOf } from './patience.ts';

/** In seconds. */
function patience(environment: Record<string, string>): [stuckAfter: number, contactThreshold: number] {
  const entries = { LABEL: 'sync', FOLDER: '/f', ...environment };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  const [sync] = settings?.syncs ?? [];
  if (!settings || !sync) throw new Error('unreachable');
  const { stuckAfter, contactThreshold } = patienceOf(sync.settings, settings.process);
  return [stuckAfter / 1000, contactThreshold / 1000];
}

it.each<[string, Record<string, string>, [number, number]]>([
  ['is twice WATCH_SERVER_TIMEOUT', {}, [186, 120]],
  ['is twice WATCH_SERVER_TIMEOUT', { WATCH_SERVER_TIMEOUT: '300', WATCH_CLIENT_TIMEOUT: '310' }, [430, 600]],
  ['is twice SLEEP_TIME', { METHOD: 'SLEEP', SLEEP_TIME: '10' }, [186, 20]],
  ['is twice SLEEP_TIME', { METHOD: 'SLEEP', SLEEP_TIME: '600' }, [720, 1200]],
  ['is what it is set to', { K8S_CONTACT_THRESHOLD_SECONDS: '90' }, [186, 90]],
  // An object that is selected by its name may have to be asked for.
  ['is twice the longer of both times', { RESOURCE_NAME: 'a', SLEEP_TIME: '600' }, [720, 1200]],
  ['is twice the longer of both times', { RESOURCE_NAME: 'a', SLEEP_TIME: '10' }, [186, 120]],
  ['has no end', { METHOD: 'LIST', K8S_CONTACT_THRESHOLD_SECONDS: '90' }, [Infinity, Infinity]],
])('the time until contact counts as lost %s: %p', (_what, environment, expected) => {
  expect(patience(environment)).toEqual(expected);
});

it('a loop is not stuck while it waits as ERROR_THROTTLE_SLEEP says', () => {
  expect(patience({ ERROR_THROTTLE_SLEEP: '10m' })).toEqual([720, 120]);
});
