import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { eventually } from '../../test/eventually.ts';
import { readVisibleTree } from '../../test/product/folder-tree.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { configMaps, object, quietParts } from '../../test/sync-on-disk.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { Neighbours } from './neighbours.ts';
import { OwnershipRecord } from './ownership-record.ts';
import { PathOwners } from './path-owners.ts';
import { Rescan } from './rescan.ts';
import { Sync } from '../sync/sync.ts';
import { Volume } from './volume.ts';

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let parties: Party[];
/** How much later it is than the file system says: nobody wants to wait until a record counts as dead. */
let laterMs: number;
let nowMs: number;

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'files');
  parties = [];
  laterMs = 0;
  nowMs = 0;
});

afterEach(() => {
  for (const { record } of parties) record.close();
  scratch[Symbol.dispose]();
});

/** A sync in a process of its own, on the same folder as the others. */
class Party {
  readonly record: OwnershipRecord;
  readonly sync: Sync;
  readonly neighbourhood: Neighbourhood;
  readonly log = recordingLog();
  readonly #rescan: Rescan;
  retries = 0;

  constructor(id: string, { keepsExisting = false, looksEachTime = true } = {}) {
    parties.push(this);
    const naming = { id, host: id, random: Math.random };
    const volume = Volume.open({ folder, stateFolder: folder, ...naming });
    const record = OwnershipRecord.open({ folder, mode: 0o644, selects: `the objects of ${id}`, ...naming });
    const owners = new PathOwners();
    const onFault = (): number => this.retries++;
    owners.join({ root: folder, id, wants: () => false });
    const neighbours = new Neighbours({
      folder,
      isOurs: (other) => owners.keepsRecord(folder, other),
      touchedMs: () => record.touchedMs && record.touchedMs + laterMs,
      clock: join(folder, `.sync-sidecar.${id}.tmp-clock`),
      now: () => (nowMs += looksEachTime ? 10_000 : 0),
    });
    const own = { id, neighbours, record, volume, log: this.log.log };
    this.neighbourhood = new Neighbourhood({
      ...own,
      claims: owners.of(id, folder, onFault),
      beatMs: 1,
      onFree: onFault,
    });
    this.neighbourhood.begin();
    record.beat();
    const parts = { ...quietParts(folder), ...own, keepsExisting, onFault, claims: this.neighbourhood };
    this.record = record;
    this.sync = new Sync(parts);
    this.#rescan = new Rescan({ ...parts, sync: this.sync, onRetry: onFault });
  }

  apply(type: 'ADDED' | 'DELETED', changed: KubernetesObject): void {
    this.sync.subscriber(configMaps).apply({ type, object: changed });
  }

  /** What is done every 30 s, and the repair that follows if one is needed. */
  async look(...objects: KubernetesObject[]): Promise<void> {
    this.retries = 0;
    this.neighbourhood.look(this.sync, this.#rescan);
    if (this.retries === 0) return;
    await this.sync.repair(async (key) => {
      const found = objects.find(({ metadata }) => key === `configmap/x/${metadata.name}`);
      return found ? { scope: configMaps, object: found } : null;
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.neighbourhood.run(this.sync, this.#rescan, signal);
  }

  owned = (): string[] => [...this.record.state.owned.keys()];
}

const tree = (): Record<string, string> => readVisibleTree(folder);
const ofA = object('a', { k: 'of a', a: '1' });
const ofB = object('b', { k: 'of b', b: '1' });
const belongsToA = `k: ${'FOLDER'}/k belongs to the sync of another process, which syncs the objects of aaa (.sync-sidecar.aaa)`;
const faultsOf = ({ sync }: Party): string[] => sync.faults.map((fault) => fault.replaceAll(folder, 'FOLDER'));

describe('two processes with different syncs on one folder', () => {
  it('leave each other their files: who comes later reports the path, syncs the rest and does not wait for it', () => {
    const [a, b] = [new Party('aaa'), new Party('bbb')];
    a.apply('ADDED', ofA);
    b.apply('ADDED', ofB);
    expect([tree(), faultsOf(b), b.sync.settled]).toEqual([{ a: '1', b: '1', k: 'of a' }, [belongsToA], true]);
    b.apply('DELETED', ofB);
    expect([tree(), faultsOf(b), a.owned(), b.owned()]).toEqual([{ a: '1', k: 'of a' }, [], ['k', 'a'], []]);
  });

  it.each([
    ['has let go of it', (a: Party) => a.apply('DELETED', ofA), { b: '1', k: 'of b' }],
    ['has ended in order', (a: Party) => a.record.end(), { a: '1', b: '1', k: 'of b' }],
    ['gives no sign of life any more', () => void (laterMs = 121_000), { a: '1', b: '1', k: 'of b' }],
  ])('the second takes a path over once the first %s, and not before', async (_, end, expected) => {
    const [a, b] = [new Party('aaa'), new Party('bbb')];
    a.apply('ADDED', ofA);
    b.apply('ADDED', ofB);
    laterMs = 119_000;
    await b.look(ofB);
    expect([tree()['k'], b.retries]).toEqual(['of a', 0]);
    laterMs = 0;
    end(a);
    await b.look(ofB);
    expect([tree(), faultsOf(b), b.owned().sort()]).toEqual([expected, [], ['b', 'k']]);
  });

  it('knows by signs of life alone that the other one is there', async () => {
    const [a, b] = [new Party('aaa'), new Party('bbb')];
    a.apply('ADDED', ofA);
    b.apply('ADDED', ofB);
    const before = readFileSync(join(folder, '.sync-sidecar.aaa'), 'utf8');
    await a.look();
    await b.look(ofB);
    expect(readFileSync(join(folder, '.sync-sidecar.aaa'), 'utf8')).toBe(before);
    expect(faultsOf(b)).toEqual([belongsToA]);
  });

  it('the first leaves to the second what that one took over while it was away', async () => {
    const first = new Party('aaa');
    first.apply('ADDED', ofA);
    first.record.end();
    const b = new Party('bbb');
    b.apply('ADDED', ofB);
    const a = new Party('aaa');
    a.apply('ADDED', ofA);
    expect([tree(), a.owned(), b.owned(), a.sync.faults.length]).toEqual([
      { a: '1', b: '1', k: 'of b' },
      ['a'],
      ['k', 'b'],
      1,
    ]);
    a.apply('DELETED', ofA);
    expect(tree()).toEqual({ b: '1', k: 'of b' });
    await b.look();
    expect(b.owned()).toEqual(['k', 'b']);
  });

  it('one of the two keeps a path that both took at the same moment, the same one whoever looks first', async () => {
    for (const order of [
      ['aaa', 'bbb'],
      ['bbb', 'aaa'],
    ]) {
      const [a, b] = [new Party('aaa'), new Party('bbb')];
      const both = { a: [a, ofA], b: [b, ofB] } as const;
      // Only who has written something knows what time it is.
      b.apply('ADDED', object('first', { first: '1' }));
      a.apply('ADDED', ofA);
      // It looks as if nobody had the path, as it does in the moment in which both look.
      laterMs = 200_000;
      b.apply('ADDED', ofB);
      laterMs = 0;
      expect(tree()['k']).toBe('of b');
      for (const id of [...order, ...order]) {
        const [party, mine] = id === 'aaa' ? both.a : both.b;
        await party.look(mine);
        await party.sync.repair(async () => ({ scope: configMaps, object: mine }));
      }
      expect([tree(), a.owned().sort(), b.owned(), faultsOf(b)]).toEqual([
        { a: '1', b: '1', first: '1', k: 'of a' },
        ['a', 'k'],
        ['first', 'b'],
        [belongsToA],
      ]);
      a.apply('DELETED', ofA);
      b.apply('DELETED', ofB);
      for (const { record } of [a, b]) record.end();
    }
  });

  it('replaces what stands at a path whose record nobody keeps any more, and what is in no record', () => {
    const a = new Party('aaa');
    a.apply('ADDED', ofA);
    a.record.end();
    writeFileSync(join(folder, 'b'), 'nobody says whose');
    const b = new Party('bbb');
    b.apply('ADDED', ofB);
    expect([tree(), b.sync.faults]).toEqual([{ a: '1', b: '1', k: 'of b' }, []]);
  });

  it('respects a record that grows at the same time', () => {
    const [a, b] = [new Party('aaa'), new Party('bbb')];
    const before = readdirSync(folder).length;
    for (let n = 0; n < 50; n++) {
      a.apply('ADDED', object(`a${n}`, { [`a${n}`]: '1' }));
      b.apply('ADDED', object(`b${n}`, { [`a${n}`]: '2', [`b${n}`]: '1' }));
    }
    expect([b.sync.faults.length, b.owned().length, readdirSync(folder).length - before]).toEqual([50, 50, 102]);
  });
});

describe('signs of life', () => {
  it('are given and looked for again and again, until the end', async () => {
    const [a, b] = [new Party('aaa'), new Party('bbb')];
    a.apply('ADDED', ofA);
    b.apply('ADDED', ofB);
    const controller = new AbortController();
    const running = b.run(controller.signal);
    const before = statSync(join(folder, '.sync-sidecar.bbb')).ctimeMs;
    await eventually(() => statSync(join(folder, '.sync-sidecar.bbb')).ctimeMs > before, {
      timeoutMs: 5000,
      intervalMs: 1,
    });
    b.retries = 0;
    a.record.end();
    await eventually(() => b.retries > 0, { timeoutMs: 5000, intervalMs: 1 });
    controller.abort();
    await running;
  });
});

describe('a process that is alone', () => {
  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])(
    'writes what it can where a name is too long (EXISTING_FILES=keep: %p, looks: %p)',
    (keepsExisting, looksEachTime) => {
      const a = new Party('aaa', { keepsExisting, looksEachTime });
      const long = 'n'.repeat(300);
      a.apply('ADDED', object('a', { k: '1', [long]: '1' }));
      a.apply('ADDED', object('b', { l: '1' }, { folder: long }));
      expect([tree(), a.sync.blocked, a.sync.settled, a.owned()]).toEqual([
        { k: '1' },
        [long, `${long}/l`],
        true,
        ['k'],
      ]);
    },
  );

  it('looks for records only where something stands at a path that is not its own', () => {
    const a = new Party('aaa');
    const before = nowMs;
    a.apply('ADDED', ofA);
    expect([nowMs - before, statSync(join(folder, 'k')).size]).toEqual([20_000, 4]);
  });
});
