import type { ChangesFilePlaces } from '../notification/changes-file.ts';
import type { Channel } from '../notification/channel.ts';
import { reqCredentials } from '../http/credentials.ts';
import type { HttpExchanger } from '../http/http-exchange.ts';
import { requestChannel } from '../notification/request-channel.ts';
import { scriptChannel } from '../notification/script-channel.ts';
import type { SyncOptions } from './sync-options.ts';

interface ChannelOptions extends Pick<SyncOptions, 'settings' | 'process' | 'name' | 'environment' | 'kill' | 'log'> {
  /** Of the ownership record. */
  readonly id: string;
}

// Beyond SCRIPT_TIMEOUT, for the end of a script that is killed.
const scriptEndMs = 60_000;

/** The ways to notify the application that the settings name, in the order in which they are tried. */
export function channelsOf(options: ChannelOptions, exchanger: HttpExchanger): Channel[] {
  const { SCRIPT, REQ_URL, REQ_SKIP_INIT, METHOD } = options.settings;
  const script = SCRIPT && scriptChannelOf(options, SCRIPT);
  // What METHOD=LIST tells of is a first sync, whatever an earlier process has left on the volume.
  const isSkipped = REQ_SKIP_INIT && METHOD === 'LIST';
  const request = REQ_URL && !isSkipped && requestChannelOf(options, { url: REQ_URL, exchanger });
  return [script, request].filter((channel) => typeof channel === 'object');
}

function scriptChannelOf(options: ChannelOptions, path: string): Channel {
  const { settings, name: sync } = options;
  const places = changesFilePlaces(options);
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
function changesFilePlaces({ settings, process, environment, id }: ChannelOptions): ChangesFilePlaces {
  const { STATE_DIR } = process;
  const candidates = [environment['TMPDIR'] || '/tmp', ...(STATE_DIR ? [STATE_DIR] : []), '/dev/shm'];
  return { candidates, notIn: settings.FOLDER, id, abandonedMs: settings.SCRIPT_TIMEOUT + scriptEndMs };
}
