import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { readVisibleTree } from '../../test/product/folder-tree.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { configMaps, object, quietParts, takeList } from '../../test/sync-on-disk.ts';
import { removeEmptyFolders } from './apply-plan.ts';
import { OwnershipRecord } from './ownership-record.ts';
import { PathOwners } from './path-owners.ts';
import { Rescan } from './rescan.ts';
import { Sync } from '../sync/sync.ts';
import { Volume } from './volume.ts';

type Cluster = Map<string, KubernetesObject>;

/** One of two processes with the same source and FOLDER. */
class Replica {
  readonly #folder: string;
  readonly #cluster: Cluster;
  readonly #host: string;
  #volume!: Volume;
  #record!: OwnershipRecord;
  #sync!: Sync;

  constructor(folder: string, cluster: Cluster, host: string) {
    this.#folder = folder;
    this.#cluster = cluster;
    this.#host = host;
    this.start();
  }

  start(): void {
    const naming = { id: 'abc', host: this.#host, random: Math.random };
    this.#volume = Volume.open({ folder: this.#folder, stateFolder: this.#folder, ...naming });
    this.#record = OwnershipRecord.open({ folder: this.#folder, mode: 0o644, ...naming });
    removeEmptyFolders({ volume: this.#volume, record: this.#record });
    this.#record.beat();
    this.#sync = new Sync(this.#parts());
  }

  /** The process is gone without a word. */
  crash(): void {
    this.#record.close();
  }

  end(): void {
    this.#record.end();
  }

  beat(): void {
    this.#record.beat();
  }

  tell(name: string, before: KubernetesObject | undefined): void {
    const now = this.#cluster.get(name);
    if (now) this.#sync.subscriber(configMaps).apply({ type: 'MODIFIED', object: now });
    else if (before) this.#sync.subscriber(configMaps).apply({ type: 'DELETED', object: before });
  }

  async settle(): Promise<void> {
    takeList(this.#sync, this.#cluster.values());
    const parts = { ...this.#parts(), sync: this.#sync, onRetry: nothing };
    await new Rescan(parts).once(new AbortController().signal);
    await this.#sync.repair(async (key) => {
      const found = this.#cluster.get(key.split('/')[2] ?? '');
      return found ? { scope: configMaps, object: found } : null;
    });
  }

  #parts() {
    const folder = this.#folder;
    const claims = new PathOwners().of('sync', folder, nothing);
    return { ...quietParts(folder), claims, volume: this.#volume, record: this.#record };
  }
}

const nothing = (): void => undefined;
const name = fc.constantFrom('a', 'b', 'c');
const who = fc.constantFrom(0, 1);
const data = fc.dictionary(fc.constantFrom('k', 'l', 'm'), fc.constantFrom('1', '2', 'three'));
const folder = fc.constantFrom('', 'sub', 'sub/deep');
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, data, folder, told: fc.subarray([0, 1, 0]) }),
  fc.record({ kind: fc.constant('delete' as const), name, told: fc.subarray([1, 0, 1]) }),
  fc.record({ kind: fc.constantFrom('crash' as const, 'end' as const, 'beat' as const, 'settle' as const), who }),
);

describe('two processes with the same sync on one volume', () => {
  it('bring it to what the cluster says, and whoever comes later removes all of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        using scratch = scratchFolder();
        const cluster: Cluster = new Map();
        const replicas = ['p', 'q'].map((host) => new Replica(scratch.path, cluster, host));
        for (const taken of steps) await take(taken, cluster, replicas);
        for (const replica of [...replicas, ...replicas]) await replica.settle();
        expect(readVisibleTree(scratch.path)).toEqual(expectedTree(cluster));

        cluster.clear();
        for (const replica of replicas) replica.crash();
        const last = new Replica(scratch.path, cluster, 'p');
        await last.settle();
        expect(readdirSync(scratch.path).filter((file) => file !== '.sync-sidecar.abc')).toEqual([]);
        last.crash();
      }),
      { numRuns: 200 },
    );
  });
});

async function take(taken: StepOf<typeof step>, cluster: Cluster, replicas: readonly Replica[]): Promise<void> {
  if ('who' in taken) {
    const replica = replicas[taken.who];
    await replica?.[taken.kind]();
    if (taken.kind === 'crash' || taken.kind === 'end') replica?.start();
    return;
  }
  const before = cluster.get(taken.name);
  if (taken.kind === 'delete') cluster.delete(taken.name);
  else cluster.set(taken.name, object(taken.name, taken.data, { folder: taken.folder, age: ages.indexOf(taken.name) }));
  for (const n of taken.told) replicas[n]?.tell(taken.name, before);
}

type StepOf<A> = A extends fc.Arbitrary<infer S> ? S : never;

const ages = ['a', 'b', 'c'];

/** The oldest object has a path. */
function expectedTree(cluster: Cluster): Record<string, string> {
  const files = ages.toReversed().flatMap((each) => {
    const found = cluster.get(each);
    const sub = found?.metadata.annotations?.['folder'] ?? '';
    const entries = Object.entries((found?.data ?? {}) as Record<string, string>);
    return entries.map(([key, value]) => [sub === '' ? key : `${sub}/${key}`, value]);
  });
  return Object.fromEntries(files) as Record<string, string>;
}
