import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mkdirSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { readTree } from '../../test/product/folder-tree.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { noMeter } from '../health/meter.ts';
import { outsideFolders } from '../projection/outside-folders.ts';
import { OwnershipRecord } from '../files/ownership-record.ts';
import type { Scope } from '../source/source.ts';
import { PathOwners } from '../files/path-owners.ts';
import { Rescan } from '../files/rescan.ts';
import { Sync } from './sync.ts';
import { temporaryNames } from '../files/temporary-files.ts';
import { Volume } from '../files/volume.ts';

const scope: Scope = { kind: 'configmap', namespace: 'x', labelSelector: 'sync' };
const naming = { id: 'abc', host: '', random: () => 0 };
const names = ['oldest', 'middle', 'youngest'] as const;

/** A cluster with three objects that claim the same few paths, and a sync of it that can be restarted. */
class Bench {
  readonly cluster = new Map<string, KubernetesObject>();
  /** FOLDER is `files` in it, and absolute folder annotations lead to `out`. */
  readonly scratch: string;
  readonly folder: string;
  #version = 0;
  #record: OwnershipRecord;
  #sync: Sync;
  #rescan: Rescan;

  constructor(scratch: string) {
    this.scratch = scratch;
    this.folder = join(scratch, 'files');
    [this.#sync, this.#record, this.#rescan] = this.#open();
  }

  /** The process is gone without a word, and another one starts. */
  restart(): void {
    this.close();
    [this.#sync, this.#record, this.#rescan] = this.#open();
  }

  put(name: string, data: Record<string, string>, folder: string): void {
    const object = this.#object(name, data, folder);
    this.cluster.set(name, object);
  }

  /** Tells the sync what the cluster has of an object, as a watch does. */
  tell(name: string, before: KubernetesObject | undefined): void {
    const object = this.cluster.get(name);
    if (object) this.#sync.subscriber(scope).apply({ type: 'MODIFIED', object });
    else if (before) this.#sync.subscriber(scope).apply({ type: 'DELETED', object: before });
  }

  list(): void {
    const pass = this.#sync.subscriber(scope).beginList();
    for (const object of this.cluster.values()) pass.take(object);
    pass.end();
  }

  rescan(): Promise<void> {
    return this.#rescan.once(new AbortController().signal);
  }

  repair(): Promise<boolean> {
    return this.#sync.repair(async (key) => {
      const object = this.cluster.get(key.split('/')[2] ?? '');
      return object ? { scope, object } : null;
    });
  }

  /** Tries every download that is wanted. */
  download(succeeds: boolean): void {
    for (const wanted of this.#sync.wantedDownloads()) {
      if (succeeds) this.#sync.downloaded(wanted, Buffer.from(contentOf(wanted.url)));
      else this.#sync.downloadFailed(wanted, 'status 503');
    }
  }

  /** No write of the record, or of any file, succeeds while `step` runs. */
  withFullDisk(what: 'record' | 'file', step: () => void): void {
    const blocking = join(this.folder, temporaryNames(naming).nameFor(what));
    if (what === 'record') this.#record.close();
    mkdirSync(blocking);
    step();
    rmdirSync(blocking);
  }

  get faults(): string[] {
    return this.#sync.faults;
  }

  close(): void {
    this.#record.close();
  }

  #open(): [Sync, OwnershipRecord, Rescan] {
    const { folder } = this;
    const volume = Volume.open({ folder, stateFolder: folder, ...naming });
    const record = OwnershipRecord.open({ folder, mode: 0o644, ...naming });
    const outside = outsideFolders(volume.root, null);
    const folders = { appFolder: folder, folderAnnotation: 'folder', folderPerNamespace: false, outside };
    const rules = { ...folders, uniqueFilenames: false, mode: 0o644 };
    const nothing = (): void => undefined;
    const { log } = recordingLog('CRITICAL');
    const claims = new PathOwners().of('sync', volume.root, nothing);
    const tools = { volume, record, claims, log, folder, notifies: true, name: 'test', meter: noMeter };
    const parts = { ...tools, rules, keepsExisting: false, onChange: nothing, onFault: nothing };
    const sync = new Sync(parts);
    return [sync, record, new Rescan({ ...parts, sync, onRetry: nothing })];
  }

  #object(name: string, data: Record<string, string>, folder: string): KubernetesObject {
    const creationTimestamp = `2026-01-01T00:00:0${names.indexOf(name as (typeof names)[number])}Z`;
    const resourceVersion = String(++this.#version);
    const annotations = { folder: folder.replace('SCRATCH', this.scratch) };
    return { metadata: { name, namespace: 'x', uid: name, resourceVersion, creationTimestamp, annotations }, data };
  }
}

const contentOf = (url: string): string => `what ${url} leads to`;

/** What the files have to be, by their absolute paths: the oldest object has a path, and in one object the plain key. */
function expectedTree({ cluster, folder }: Bench): Record<string, string> {
  const files = names.toReversed().flatMap((name) => {
    const object = cluster.get(name);
    const target = resolve(folder, object?.metadata.annotations?.['folder'] ?? '');
    const entries = Object.entries((object?.data ?? {}) as Record<string, string>);
    const [downloads, plain] = [true, false].map((wanted) =>
      entries.filter(([key]) => key.endsWith('.url') === wanted),
    );
    return [
      ...downloads!.map(([key, url]) => [join(target, key.slice(0, -4)), contentOf(url)]),
      ...plain!.map(([key, value]) => [join(target, key), value]),
    ];
  });
  return Object.fromEntries(files) as Record<string, string>;
}

/** Every file by its absolute path, but for the record. */
function presentTree({ scratch }: Bench): Record<string, string> {
  const files = Object.entries(readTree(scratch)).map(([path, content]) => [join(scratch, path), content] as const);
  return Object.fromEntries(files.filter(([path]) => !path.includes('.sync-sidecar.')));
}

const name = fc.constantFrom(...names);
const folder = fc.constantFrom('', 'sub', './sub/deep/', 'SCRATCH/files/sub', 'SCRATCH/out', 'SCRATCH/out/deep');
const plainData = fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('', '1', '2', 'three'));
const urls = fc.dictionary(fc.constantFrom('k.url', 'l.url'), fc.constantFrom('http://a', 'http://b'), { maxKeys: 1 });
const data = fc.tuple(plainData, urls).map(([plain, downloads]) => ({ ...downloads, ...plain }));
const how = fc.constantFrom('told', 'told', 'missed', 'with a full disk', 'without a record');
const path = fc.constantFrom('k', 'l', 'sub/k', 'sub/deep/l');

const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, data, folder, how }),
  fc.record({ kind: fc.constant('delete' as const), name, how }),
  fc.record({ kind: fc.constantFrom('restart' as const, 'list' as const, 'repair' as const, 'rescan' as const) }),
  fc.record({ kind: fc.constant('download' as const), succeeds: fc.boolean() }),
  fc.record({
    kind: fc.constant('tamper' as const),
    path,
    content: fc.option(fc.constant('somebody else wrote this')),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take(bench: Bench, taken: Step): Promise<void> {
  switch (taken.kind) {
    case 'put':
    case 'delete':
      return change(bench, taken);
    case 'tamper':
      return tamper(join(bench.folder, taken.path), taken.content);
    case 'download':
      return bench.download(taken.succeeds);
    case 'restart':
      return bench.restart();
    case 'list':
      return bench.list();
    case 'rescan':
      return bench.rescan();
    case 'repair':
      await bench.repair();
  }
}

function change(bench: Bench, taken: Extract<Step, { kind: 'put' | 'delete' }>): void {
  const before = bench.cluster.get(taken.name);
  if (taken.kind === 'put') bench.put(taken.name, taken.data, taken.folder);
  else bench.cluster.delete(taken.name);
  const tell = (): void => bench.tell(taken.name, before);
  if (taken.how === 'told') tell();
  else if (taken.how === 'with a full disk') bench.withFullDisk('file', tell);
  else if (taken.how === 'without a record') bench.withFullDisk('record', tell);
}

/** Somebody changes or removes a file that is there. */
function tamper(file: string, content: string | null): void {
  try {
    if (content === null) rmSync(file);
    else writeFileSync(file, content, { flag: 'r+' });
  } catch {
    // There is none.
  }
}

describe('Sync', () => {
  it('converges after a list from whatever happened before, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        using scratch = scratchFolder();
        const bench = new Bench(scratch.path);
        for (const taken of steps) await take(bench, taken);
        bench.list();
        // What somebody did to a file is noticed by the next look, if not by the next process.
        await bench.rescan();
        await bench.repair();
        bench.download(true);
        expect([await bench.repair(), bench.faults]).toEqual([true, []]);

        expect(presentTree(bench)).toEqual(expectedTree(bench));
        const entries = readdirSync(scratch.path, { recursive: true, withFileTypes: true });
        const folders = entries.filter((at) => at.isDirectory() && at.name !== 'files');
        for (const at of folders) expect(readdirSync(join(at.parentPath, at.name))).not.toEqual([]);
        bench.close();
      }),
      { numRuns: 400 },
    );
  });
});
