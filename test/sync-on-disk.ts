import { afterEach, beforeEach } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import type { FileChanges } from '../sidecar/files/file-changes.ts';
import { CountingMeter, noMeter } from '../sidecar/health/meter.ts';
import { outsideFolders } from '../sidecar/projection/outside-folders.ts';
import { OwnershipRecord, type RecordState } from '../sidecar/files/ownership-record.ts';
import { PathOwners } from '../sidecar/files/path-owners.ts';
import type { Scope } from '../sidecar/source/source.ts';
import { Sync, type SyncParts } from '../sidecar/sync/sync.ts';
import { temporaryNames } from '../sidecar/files/temporary-files.ts';
import { Volume } from '../sidecar/files/volume.ts';
import { readVisibleTree } from './product/folder-tree.ts';
import { recordingLog } from './recording-log.ts';
import { scratchFolder } from './scratch-folder.ts';

export const configMaps: Scope = { kind: 'configmap', namespace: 'x', labelSelector: 'sync' };
export const secrets: Scope = { kind: 'secret', namespace: 'x', labelSelector: 'sync' };

/** The names of the sync's temporary files are always the same. */
export const naming = { id: 'abc', host: '', random: () => 0 };

let scratch: ReturnType<typeof scratchFolder>;
export let folder: string;
export let logged: ReturnType<typeof recordingLog>;
export let volume: Volume;
export let record: OwnershipRecord;
export let sync: Sync;
export let changes: FileChanges[];
export let meter: CountingMeter;
export let faultsRaised: number;
export let downloadsRaised: number;

/** Gives every test of the file that calls it a sync of its own, on an empty folder. */
export function useSyncOnDisk(): void {
  beforeEach(() => {
    scratch = scratchFolder();
    folder = join(scratch.path, 'files');
    start();
  });
  afterEach(() => {
    record.close();
    scratch[Symbol.dispose]();
  });
}

interface Start {
  readonly notifies?: boolean;
  readonly mode?: number;
  /** ALLOWED_FOLDERS; null for every folder. */
  readonly allowed?: readonly string[] | null;
  readonly folderPerNamespace?: boolean;
  readonly keepsExisting?: boolean;
}

/** Starts the sync as a new process would, on what is on disk. */
export function start({
  notifies = true,
  mode = 0o644,
  allowed,
  folderPerNamespace = false,
  keepsExisting = false,
}: Start = {}): void {
  logged = recordingLog();
  changes = [];
  meter = new CountingMeter();
  faultsRaised = 0;
  downloadsRaised = 0;
  volume = Volume.open({ folder, stateFolder: folder, ...naming });
  record = OwnershipRecord.open({ folder, mode, ...naming });
  sync = new Sync({
    rules: {
      appFolder: '/app',
      folderAnnotation: 'folder',
      folderPerNamespace,
      outside: outsideFolders(volume.root, allowed === undefined ? [] : allowed),
      uniqueFilenames: false,
      mode,
    },
    volume,
    record,
    claims: new PathOwners().of('sync', volume.root, () => undefined),
    log: logged.log,
    folder,
    notifies,
    keepsExisting,
    name: 'test',
    meter,
    onChange: (change) => changes.push(change),
    onFault: () => faultsRaised++,
    onDownloads: () => downloadsRaised++,
  });
}

let version = 0;

interface ObjectOptions {
  readonly folder?: string;
  /** Seconds after midnight; the older object has a path. */
  readonly age?: number;
}

/** An object of namespace x; each call makes a new resourceVersion. */
export function object(
  name: string,
  data: Record<string, string>,
  { folder: sub, age = 0 }: ObjectOptions = {},
): KubernetesObject {
  return {
    metadata: {
      name,
      namespace: 'x',
      uid: `uid of ${name}`,
      resourceVersion: String(++version),
      creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, age)).toISOString(),
      ...(sub !== undefined && { annotations: { folder: sub } }),
    },
    data,
  };
}

export const apply = (type: 'ADDED' | 'MODIFIED' | 'DELETED', changed: KubernetesObject, scope = configMaps): void =>
  sync.subscriber(scope).apply({ type, object: changed });

export const list = (scope: Scope, ...objects: KubernetesObject[]): void => takeList(sync, objects, scope);

/** Has a sync take in a whole list. */
export function takeList(by: Sync, objects: Iterable<KubernetesObject>, scope = configMaps): void {
  const pass = by.subscriber(scope).beginList();
  for (const object of objects) pass.take(object);
  pass.end();
}

/** What a sync of `folder` is made of beside the volume and what belongs to it; nobody listens to it. */
export function quietParts(folder: string): Omit<SyncParts, 'volume' | 'record' | 'claims'> {
  const nothing = (): void => undefined;
  return {
    rules: {
      appFolder: folder,
      folderAnnotation: 'folder',
      folderPerNamespace: false,
      outside: outsideFolders(folder, []),
      uniqueFilenames: false,
      mode: 0o644,
    },
    name: 'test',
    folder,
    log: recordingLog('CRITICAL').log,
    meter: noMeter,
    notifies: true,
    keepsExisting: false,
    onChange: nothing,
    onFault: nothing,
    onDownloads: nothing,
  };
}

/** A list that breaks off after these objects. */
export function brokenList(scope: Scope, ...objects: KubernetesObject[]): void {
  const pass = sync.subscriber(scope).beginList();
  for (const object of objects) pass.take(object);
  pass.abandon();
}

export const tree = (): Record<string, string> => readVisibleTree(folder);
export const at = (path: string): string => join(folder, path);
export const inodes = (): number[] => Object.keys(tree()).map((path) => statSync(at(path)).ino);
export const recordOnDisk = (): RecordState => OwnershipRecord.open({ folder, mode: 0o644, ...naming }).state;

/** Repairs with an API server that has these objects. */
export const repairFrom = (...objects: KubernetesObject[]): Promise<boolean> =>
  sync.repair(async (key) => {
    const found = objects.find(({ metadata }) => key === `configmap/x/${metadata.name}`);
    return found ? { scope: configMaps, object: found } : null;
  });

/** Where the sync's next temporary file will be: a folder there lets every write fail, as a full disk would. */
export const temporary = (purpose: 'file' | 'record'): string => at(temporaryNames(naming).nameFor(purpose));

/** Blocks every write of the record while `step` runs, as a full disk would. */
export function withoutRecord(step: () => void): void {
  record.close();
  const path = at('.sync-sidecar.abc');
  const content = existsSync(path) ? readFileSync(path) : null;
  rmSync(path, { force: true });
  mkdirSync(path);
  try {
    step();
  } finally {
    rmdirSync(path);
    if (content) writeFileSync(path, content);
  }
}
