import { hash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../../shared/error-message.ts';
import type { Logger } from '../../shared/log/log.ts';
import type { ProcessSettings, SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import { syncIdentity } from '../../shared/settings/sync-scopes.ts';
import { Adoption, type AdoptionOptions } from '../files/adoption.ts';
import { removeEmptyFolders } from '../files/apply-plan.ts';
import { downloaderFor } from './download-assembly.ts';
import type { Downloader } from '../download/downloader.ts';
import { HttpExchanger } from '../http/http-exchange.ts';
import { Neighbourhood, type NeighbourhoodParts } from '../files/neighbourhood.ts';
import { Neighbours } from '../files/neighbours.ts';
import { channelsOf } from './notification-channels.ts';
import { Notifier, type NotifierPace } from '../notification/notifier.ts';
import { outsideFolders } from '../projection/outside-folders.ts';
import { OwnershipRecord } from '../files/ownership-record.ts';
import type { ProjectionRules } from '../projection/projection.ts';
import { dropForbidden } from '../files/recorded-objects.ts';
import { Rescan } from '../files/rescan.ts';
import { retriesOf } from '../http/quick-retries.ts';
import { describeScope } from '../source/source.ts';
import { Sync, type SyncParts } from './sync.ts';
import type { SyncOptions } from './sync-options.ts';
import { temporaryNames, type TemporaryNaming } from '../files/temporary-files.ts';
import { Trigger } from '../trigger.ts';
import { Volume } from '../files/volume.ts';
import { writeRecord } from '../files/write-record.ts';

// Four signs in the time after which a record without one counts as dead: one that comes late, or not at all, does no harm.
const usualBeatMs = 30_000;

/** The parts of a sync whose FOLDER is open. */
export interface OpenParts {
  readonly sync: Sync;
  readonly record: OwnershipRecord;
  readonly rescan: Rescan;
  /** Null where no record of another process can be seen. */
  readonly neighbourhood: Neighbourhood | null;
  readonly adoption: Adoption;
  readonly notifier: Notifier;
  readonly downloader: Downloader;
  /** Pulled when something waits for `sync.repair`. */
  readonly repairNeeded: Trigger;
}

/** Opens FOLDER and the ownership record in it, and makes the parts of the sync; throws when that isn't possible. */
export function openParts(options: SyncOptions): OpenParts {
  const { settings, log } = options;
  const repairNeeded = new Trigger();
  const exchanger = new HttpExchanger({ ...options, skipTlsVerify: settings.REQ_SKIP_TLS_VERIFY });
  const id = recordId(options);
  const channels = channelsOf({ ...options, id }, exchanger);
  const onSettled = (): void => {
    // What a list or an adoption under way has changed will be told at its end; until then a restart must still know of it.
    if (!opened.sync.hasUntold && !opened.adoption.hasUntold) settlePending(opened.record, log);
  };
  const notifier = new Notifier({ ...options, channels, pace: paceOf(settings, options.process), onSettled });
  const opened = openSync(
    { ...options, id },
    {
      notifies: channels.length > 0,
      onChange: (changes) => notifier.changed(changes),
      onFault: () => repairNeeded.pull(),
      onDownloads: () => downloader.needed(),
      onEnded: () => {
        if (!notifier.status.pending) onSettled();
      },
    },
  );
  const downloader = downloaderFor(opened.sync, options, exchanger);
  return { ...opened, notifier, downloader, repairNeeded };
}

function openSync(
  options: SyncOptions & { readonly id: string },
  listeners: Pick<SyncParts, 'notifies' | 'onChange' | 'onFault' | 'onDownloads'> & Pick<AdoptionOptions, 'onEnded'>,
): Omit<OpenParts, 'notifier' | 'downloader' | 'repairNeeded'> {
  const { settings, name, pathOwners, id } = options;
  const { FOLDER: folder } = settings;
  const opened = openFolder(options, id);
  const { root } = opened.volume;
  const own = { ...opened, id, claims: pathOwners.of(name, root, listeners.onFault) };
  pathOwners.join({ root, id, wants: (path, absolute) => sync.wants(path) || sync.wants(absolute) });
  const neighboursIn = neighboursOf(options, id, opened.record);
  const shared = { ...own, root, neighbours: neighboursIn(root), onFree: listeners.onFault };
  const rules = rulesOf(settings, opened.volume);
  dropForbidden({ ...opened, ...rules });
  const neighbourhood = openNeighbourhood(options, shared);
  const keepsExisting = settings.EXISTING_FILES === 'keep';
  const claims = neighbourhood ?? own.claims;
  const parts = { ...options, ...listeners, ...opened, folder, rules, claims, keepsExisting };
  const sync = new Sync(parts);
  const onRetry = listeners.onFault;
  const rescan = new Rescan({ ...parts, sync, onRetry });
  const isWanted = settings.ADOPT_FOLDER === 'once';
  const isClaimed = (file: string): boolean => pathOwners.isClaimed(file);
  const { appFolder } = rules;
  const adoption = new Adoption({ ...parts, isWanted, isClaimed, appFolder, onRetry, neighboursIn });
  return { sync, rescan, neighbourhood, adoption, record: opened.record };
}

/** Records of other processes lie in FOLDER, if any; a STATE_DIR of its own is this process's alone. */
function openNeighbourhood(
  { process, settings, log, beatMs = usualBeatMs }: SyncOptions,
  parts: Omit<NeighbourhoodParts, 'log' | 'beatMs'> & { readonly root: string; readonly volume: Volume },
): Neighbourhood | null {
  const isAmongFiles = realpathSync(process.STATE_DIR ?? settings.FOLDER) === parts.root;
  const neighbourhood = isAmongFiles ? new Neighbourhood({ ...parts, log, beatMs }) : null;
  neighbourhood?.begin();
  removeEmptyFolders(parts);
  if (!writeRecord(log, () => parts.record.beat())) parts.onFree();
  return neighbourhood;
}

/** Knows the records of other processes in a folder. */
function neighboursOf(options: SyncOptions, id: string, record: OwnershipRecord): (folder: string) => Neighbours {
  const names = temporaryNames(namingOf(options, id));
  return (folder) =>
    new Neighbours({
      folder,
      isOurs: (other) => options.pathOwners.keepsRecord(folder, other),
      touchedMs: () => record.touchedMs,
      clock: join(folder, names.nameFor('clock')),
      now: options.now,
    });
}

function openFolder(options: SyncOptions, id: string): { volume: Volume; record: OwnershipRecord } {
  const { settings, process, sources } = options;
  const { FOLDER: folder, DEFAULT_FILE_MODE: mode } = settings;
  const stateFolder = process.STATE_DIR ?? folder;
  const naming = namingOf(options, id);
  const selects = sources.map(({ scope }) => describeScope(scope)).join(', ');
  try {
    const volume = Volume.open({ folder, stateFolder, ...naming });
    return { volume, record: OwnershipRecord.open({ folder: stateFolder, mode, selects, ...naming }) };
  } catch (cause) {
    throw new Error(`FOLDER ${folder} can't be opened: ${errorMessage(cause)}`, {
      cause,
    });
  }
}

function namingOf({ environment, random }: SyncOptions, id: string): TemporaryNaming {
  return { id, host: environment['HOSTNAME'] ?? '', random };
}

/** When the notifier of these settings notifies and tries again. */
function paceOf(settings: SyncSettings, process: ProcessSettings): NotifierPace {
  return {
    perEvent: settings.NOTIFY_PER_EVENT,
    quiet: settings.NOTIFY_QUIET,
    maxWait: settings.NOTIFY_MAX_WAIT,
    shutdown: process.SHUTDOWN_TIMEOUT,
    slowRetry: settings.NOTIFY_SLOW_RETRY,
    retries: retriesOf(settings),
  };
}

/**
 * The name of a record: a sync is the same one after a restart when it has the same source and the same FOLDER, whatever its METHOD,
 * so that an init container with LIST and the sidecar after it share a record. 48 bits tell the syncs of one folder apart.
 */
function recordId({ sources, settings }: SyncOptions): string {
  const scopes = sources.map(({ scope }) => scope);
  return hash('sha256', syncIdentity(scopes, settings.FOLDER), 'hex').slice(0, 12);
}

function rulesOf(settings: SyncSettings, { root }: Volume): ProjectionRules {
  const { FOLDER, APP_FOLDER, ALLOWED_FOLDERS } = settings;
  return {
    appFolder: APP_FOLDER ?? FOLDER,
    folderAnnotation: settings.FOLDER_ANNOTATION,
    folderPerNamespace: settings.FOLDER_PER_NAMESPACE,
    // Who sets APP_FOLDER has an application that sees nothing but that folder.
    outside: outsideFolders(root, ALLOWED_FOLDERS ?? (APP_FOLDER === undefined ? null : [])),
    uniqueFilenames: settings.UNIQUE_FILENAMES,
    mode: settings.DEFAULT_FILE_MODE,
  };
}

/** Writes down that everything has been notified. */
function settlePending(record: OwnershipRecord, log: Logger): void {
  if (!record.state.pending) return;
  record.add({ pending: false });
  // What can't be written stays in memory and is written with the next entry; until then a restart notifies once more.
  writeRecord(log, () => record.flush());
}
