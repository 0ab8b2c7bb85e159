import { backoffMs, sleep } from '../../shared/backoff.ts';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { reflectorBackoff } from '../../shared/kubernetes/watch-failure.ts';
import { fetchObject } from '../source/fetch-object.ts';
import { writeRecord } from '../files/write-record.ts';
import type { SyncStatus } from '../health/health.ts';
import { patienceOf } from './patience.ts';
import { Repairs } from './repairs.ts';
import { runTogether, type Part } from './run-together.ts';
import type { Subscription } from '../source/scope-stream.ts';
import { covers, type Scope } from '../source/source.ts';
import { openParts, type OpenParts } from './sync-assembly.ts';
import type { SyncOptions } from './sync-options.ts';
import { Trigger } from '../trigger.ts';

// kiwigrid/k8s-sidecar's client gives up on a LIST after about this time, and an init container should not fail for a blip.
export const listRetriesMs = 30_000;
// With the pauses of the reflector's backoff about half a minute, as long as METHOD=LIST tries its lists.
const repairsOfList = 5;

/** Runs one sync whose FOLDER is open: takes in what its streams tell, repairs what has failed, and notifies. */
export class SyncRunner {
  readonly #options: SyncOptions;
  readonly #parts: OpenParts;
  readonly #repairs: Repairs;
  readonly #completeBefore: boolean;
  readonly #firstSync = new Trigger();
  /** Everything that can be synced now has been tried once. */
  readonly #firstPass = new Trigger();
  /** A list has come to its end, or failed. */
  readonly #listNews = new Trigger();
  #subscriptions: readonly Subscription[] = [];
  #nextList = 0;
  #passed = false;
  #synced = false;

  private constructor(options: SyncOptions, parts: OpenParts) {
    this.#options = options;
    this.#parts = parts;
    this.#completeBefore = parts.record.state.complete;
    this.#repairs = new Repairs({
      ...options,
      ...parts,
      fetch: (key, signal) => this.#fetch(key, signal),
      onRepaired: () => this.#checkSynced(),
    });
  }

  /** Opens FOLDER and the record in it; throws when that isn't possible. */
  static open(options: SyncOptions): SyncRunner {
    return new SyncRunner(options, openParts(options));
  }

  status(): SyncStatus {
    const { settings, process, name } = this.#options;
    const { sync, notifier } = this.#parts;
    return {
      name,
      complete: this.#completeBefore || this.#synced,
      synced: this.#synced,
      scopes: this.#subscriptions.map(({ status }) => status()),
      faults: sync.faults,
      // Asked for by a scrape alone, and the more work the more files there are.
      get counts() {
        return sync.counts;
      },
      notification: notifier.status,
      ...patienceOf(settings, process),
    };
  }

  /** Syncs until `signal` ends it; METHOD=LIST ends by itself, and rejects when not everything could be listed and written. */
  async run(signal: AbortSignal): Promise<void> {
    const { record, notifier } = this.#parts;
    if (record.state.pending) notifier.changed();
    this.#subscribe();
    // At the end nothing more may change while the last notification is under way.
    signal.addEventListener('abort', this.#unsubscribe);
    try {
      if (this.#options.settings.METHOD === 'LIST') await this.#runBeside((end) => this.#runOnce(end), signal);
      else await this.#runBeside((end) => runTogether(this.#loops(), end), signal);
    } finally {
      signal.removeEventListener('abort', this.#unsubscribe);
      this.#unsubscribe();
      this.#endRecord();
    }
  }

  /** As long as `part` runs, other processes see that this one is there. */
  async #runBeside(part: Part, signal: AbortSignal): Promise<void> {
    const { neighbourhood, sync, rescan } = this.#parts;
    const done = new AbortController();
    const beside: Part = async (end) => neighbourhood?.run(sync, rescan, AbortSignal.any([end, done.signal]));
    await runTogether([(end) => part(end).finally(() => done.abort()), beside], signal);
  }

  #endRecord(): void {
    writeRecord(this.#options.log, () => this.#parts.record.end());
  }

  #loops(): Part[] {
    const { rescan, downloader } = this.#parts;
    return [
      (end) => this.#repairs.run(end),
      (end) => this.#notify(end),
      (end) => downloader.run(end),
      (end) => rescan.run(this.#options.settings.RESCAN_INTERVAL, end),
      (end) => this.#adopt(end),
    ];
  }

  async #adopt(signal: AbortSignal): Promise<void> {
    await this.#firstSync.pulled(signal);
    await this.#parts.adoption.run(signal);
  }

  #subscribe(): void {
    const { sources, log, now } = this.#options;
    const onListed = (): void => {
      this.#checkSynced();
      this.#listNews.pull();
    };
    const onFailure = (retryInMs: number): void => {
      this.#nextList = now() + retryInMs;
      // With READY_PARTIAL a refusal may be all that was waited for.
      onListed();
    };
    this.#subscriptions = sources.map(({ scope, stream }) =>
      stream.subscribe({ subscriber: this.#parts.sync.subscriber(scope), log, onListed, onFailure }),
    );
  }

  readonly #unsubscribe = (): void => {
    for (const { end } of this.#subscriptions) end();
  };

  async #runOnce(signal: AbortSignal): Promise<void> {
    const { sync, notifier, downloader, adoption } = this.#parts;
    await this.#untilListed(signal);
    await downloader.runOnce(signal);
    for (let attempt = 1; !this.#synced && attempt <= repairsOfList && !signal.aborted; attempt++) {
      await this.#repairs.once(signal);
      // What could not be written has to be got again.
      await downloader.runOnce(signal);
      if (!this.#synced) await sleep(backoffMs(attempt, this.#options.random, reflectorBackoff), signal);
    }
    if (!this.#synced && signal.aborted) throw new Error('ended before every file was written');
    if (!this.#synced) throw new Error(`not every file could be written: ${sync.faults.join('; ')}`);
    // What is removed here is told of too.
    await adoption.run(signal, this.#options.now() + listRetriesMs);
    if (!(await notifier.runOnce(signal))) this.#options.log.error('the application was not notified');
  }

  async #untilListed(signal: AbortSignal): Promise<void> {
    const deadline = this.#options.now() + listRetriesMs;
    for (;;) {
      const [missing, ...more] = this.#subscriptions.map(({ status }) => status()).filter(({ listed }) => !listed);
      if (!missing) return;
      if (signal.aborted) throw new Error(`ended before ${missing.scope} could be listed`);
      const errors = [missing, ...more].flatMap(({ error }) => error ?? []);
      if (errors.length > 0 && this.#nextList > deadline) throw new Error([...new Set(errors)].join('; '));
      await this.#listNews.pulled(signal);
      this.#listNews.reset();
    }
  }

  async #notify(signal: AbortSignal): Promise<void> {
    // The application is there already when an earlier process has synced: no outage may keep a change from it.
    if (!this.#completeBefore) await this.#firstPass.pulled(signal);
    if (signal.aborted) return;
    const delivered = await this.#parts.notifier.run(signal);
    if (!delivered) {
      this.#options.log.warn('the application was not notified of the last changes; the next start will');
    }
  }

  /**
   * The application is notified from the moment when everything has been tried: what is refused, or can't be written, keeps no later
   * change of the rest from it.
   */
  #checkPassed(): void {
    const { sync } = this.#parts;
    const isKnown = this.#subscriptions.every(({ status }) => status().listed || status().error !== null);
    if (this.#passed || !isKnown || !sync.tried) return;
    this.#passed = true;
    // At once: what changes from now on is for every channel.
    this.#skipInit();
    this.#firstPass.pull();
  }

  /** With REQ_SKIP_INIT, a volume's first sync is told to SCRIPT alone; METHOD=LIST has no other channel then. */
  #skipInit(): void {
    const { REQ_SKIP_INIT, METHOD } = this.#options.settings;
    if (REQ_SKIP_INIT && METHOD !== 'LIST' && !this.#completeBefore) this.#parts.notifier.tellOnly('SCRIPT');
  }

  async #fetch(key: string, signal: AbortSignal): Promise<{ scope: Scope; object: KubernetesObject } | null> {
    const { sources, client } = this.#options;
    const scope = sources.find((source) => covers(source.scope, key))?.scope;
    const object = scope && (await fetchObject(client, scope, { key, signal }));
    return object ? { scope, object } : null;
  }

  /**
   * The first sync is done when every scope has been listed, everything claimed is on disk and the record says so. Answers false
   * when only the record is missing.
   */
  #checkSynced(): boolean {
    const { sync, record, repairNeeded } = this.#parts;
    this.#checkPassed();
    if (this.#synced || !sync.settled || !this.#subscriptions.every(({ status }) => status().listed)) return true;
    if (!record.state.complete) record.add({ complete: true });
    if (!writeRecord(this.#options.log, () => record.flush())) {
      repairNeeded.pull();
      return false;
    }
    this.#synced = true;
    this.#options.log.info({ objects: sync.counts.objects }, 'Initial sync complete, sidecar is ready.');
    this.#firstSync.pull();
    return true;
  }
}
