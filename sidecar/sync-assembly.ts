import { hash } from 'node:crypto';
import type { Logger } from '../shared/log.ts';
import type { ProcessSettings, SyncSettings } from '../shared/settings/sidecar-settings.ts';
import type { Channel, NotifierPace } from './notifier.ts';
import { OwnershipRecord } from './ownership-record.ts';
import type { PathOwners } from './path-owners.ts';
import type { ProjectionRules } from './projection.ts';
import { requestChannel } from './request-channel.ts';
import { scriptChannel } from './script-channel.ts';
import type { Scope } from './source.ts';
import { Sync } from './sync.ts';
import { Volume } from './volume.ts';

/** A program's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface OpenSyncOptions {
  readonly settings: SyncSettings;
  readonly process: ProcessSettings;
  readonly scopes: readonly Scope[];
  /** For other syncs' messages. */
  readonly name: string;
  readonly pathOwners: PathOwners;
  readonly log: Logger;
  readonly notifies: boolean;
  readonly onChange: () => void;
  readonly onFault: () => void;
}

/** Opens FOLDER and the ownership record in it, and makes the sync of them; throws when that isn't possible. */
export function openSync(options: OpenSyncOptions): { sync: Sync; record: OwnershipRecord } {
  const { settings, process, scopes, name, onFault } = options;
  const id = recordId(scopes, settings.FOLDER);
  const stateFolder = process.STATE_DIR ?? settings.FOLDER;
  const volume = Volume.open({ folder: settings.FOLDER, stateFolder, id });
  const record = OwnershipRecord.open({ folder: stateFolder, id, mode: settings.DEFAULT_FILE_MODE });
  const claims = options.pathOwners.of(name, volume.root, onFault);
  const { FOLDER: folder } = settings;
  return { sync: new Sync({ ...options, folder, rules: rulesOf(settings), volume, record, claims }), record };
}

/** The ways to notify the application that the settings name, in the order in which they are tried. */
export function channelsOf(settings: SyncSettings, environment: Environment): Channel[] {
  const { SCRIPT, REQ_URL, REQ_USERNAME: username, REQ_PASSWORD: password } = settings;
  const script = SCRIPT && scriptChannel({ path: SCRIPT, timeoutMs: settings.SCRIPT_TIMEOUT, environment });
  const request =
    REQ_URL &&
    requestChannel({
      url: REQ_URL,
      method: settings.REQ_METHOD,
      payload: settings.REQ_PAYLOAD,
      credentials: username !== undefined && password !== undefined ? { username, password } : undefined,
      timeoutMs: settings.REQ_TIMEOUT,
    });
  return [script, request].filter((channel) => typeof channel === 'object');
}

/** When the notifier of these settings notifies and tries again. */
export function paceOf(settings: SyncSettings): NotifierPace {
  return {
    quiet: settings.NOTIFY_QUIET,
    maxWait: settings.NOTIFY_MAX_WAIT,
    quickRetries: settings.REQ_RETRY_TOTAL,
    backoffFactor: settings.REQ_RETRY_BACKOFF_FACTOR,
    slowRetry: settings.NOTIFY_SLOW_RETRY,
  };
}

/**
 * The name of a record: a sync is the same one after a restart when it has the same source and the same FOLDER, whatever its METHOD,
 * so that an init container with LIST and the sidecar after it share a record. 48 bits tell the syncs of one folder apart.
 */
function recordId(scopes: readonly Scope[], folder: string): string {
  return hash('sha256', JSON.stringify([folder, scopes]), 'hex').slice(0, 12);
}

function rulesOf(settings: SyncSettings): ProjectionRules {
  return {
    appFolder: settings.APP_FOLDER ?? settings.FOLDER,
    folderAnnotation: settings.FOLDER_ANNOTATION,
    uniqueFilenames: settings.UNIQUE_FILENAMES,
    mode: settings.DEFAULT_FILE_MODE,
  };
}
