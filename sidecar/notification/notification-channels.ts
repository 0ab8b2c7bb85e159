import type { ProcessSettings, SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import type { ChangesFilePlaces } from './changes-file.ts';
import type { Channel } from './channel.ts';
import { reqCredentials } from '../http/credentials.ts';
import type { HttpExchanger } from '../http/http-exchange.ts';
import { requestChannel } from './request-channel.ts';
import { scriptChannel } from './script-channel.ts';
import type { SyncOptions } from '../sync/sync-options.ts';

type ChannelOptions = Pick<SyncOptions, 'settings' | 'process' | 'name' | 'environment' | 'kill' | 'log'>;

/** The ways to notify the application that the settings name, in the order in which they are tried. */
export function channelsOf(options: ChannelOptions, exchanger: HttpExchanger): Channel[] {
  const { SCRIPT, REQ_URL } = options.settings;
  const script = SCRIPT && scriptChannelOf(options, SCRIPT);
  const request = REQ_URL && requestChannelOf(options, { url: REQ_URL, exchanger });
  return [script, request].filter((channel) => typeof channel === 'object');
}

function scriptChannelOf(options: ChannelOptions, path: string): Channel {
  const { settings, process, name: sync, environment } = options;
  const places = changesFilePlaces(settings, process, environment);
  return scriptChannel({ ...options, path, sync, timeoutMs: settings.SCRIPT_TIMEOUT, places });
}

function requestChannelOf(
  { settings, name: sync, log }: ChannelOptions,
  given: { readonly url: string; readonly exchanger: HttpExchanger },
): Channel {
  return requestChannel({
    ...given,
    sync,
    method: settings.REQ_METHOD,
    payload: settings.REQ_PAYLOAD,
    template: settings.REQ_PAYLOAD_TEMPLATE,
    credentials: reqCredentials(settings, log),
    encoding: settings.REQ_BASIC_AUTH_ENCODING,
    timeoutMs: settings.REQ_TIMEOUT,
    log,
  });
}

/** With a read-only root file system there is often no temporary folder; a container has /dev/shm all the same. */
function changesFilePlaces(
  { FOLDER }: SyncSettings,
  { STATE_DIR }: ProcessSettings,
  environment: SyncOptions['environment'],
): ChangesFilePlaces {
  const candidates = [environment['TMPDIR'] || '/tmp', ...(STATE_DIR ? [STATE_DIR] : []), '/dev/shm'];
  return { candidates, notIn: FOLDER };
}
