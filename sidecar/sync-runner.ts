import { backoffMs, sleep } from '../shared/backoff.ts';
import type { ApiClient } from '../shared/kubernetes/api-client.ts';
import { reflectorBackoff } from '../shared/kubernetes/watch-failure.ts';
import type { Logger } from '../shared/log.ts';
import type { ProcessSettings, SyncSettings } from '../shared/settings/sidecar-settings.ts';
import type { SyncStatus } from './health.ts';
import { Notifier, type Channel } from './notifier.ts';
import type { OwnershipRecord } from './ownership-record.ts';
import type { PathOwners } from './path-owners.ts';
import { followScope, listScope, type ScopeLoop } from './scope-loop.ts';
import { ScopeObserver } from './scope-observer.ts';
import { covers, describeScope, fetchObject, scopesOf, type Scope } from './source.ts';
import { channelsOf, openSync, paceOf, type Environment } from './sync-assembly.ts';
import type { Sync } from './sync.ts';
import { Trigger } from './trigger.ts';

export interface SyncRunnerOptions {
  /** For logs and for SCRIPT. */
  readonly name: string;
  readonly settings: SyncSettings;
  readonly process: ProcessSettings;
  readonly client: ApiClient;
  readonly ownNamespace: string;
  /** Shared by all syncs of the process. */
  readonly pathOwners: PathOwners;
  /** What SCRIPT gets as its environment. */
  readonly environment: Environment;
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

// Longer than any wait of a reflector that announces it (60 s that the API server may ask for, 30 s of backoff) plus a slow disk.
const stuckMarginMs = 120_000;
// With the pauses of the reflector's backoff about half a minute, as long as METHOD=LIST tries its lists.
const repairsOfList = 5;
// What only a person can mend is looked at again so seldom that it costs the API server nothing.
const lastingFaultsRetryMs = 300_000;

/** Runs one sync: the loops of its scopes, the repair of what failed, and the notifier. */
export class SyncRunner {
  readonly #options: SyncRunnerOptions;
  readonly #loops: readonly ScopeLoop[];
  readonly #record: OwnershipRecord;
  readonly #sync: Sync;
  readonly #notifier: Notifier;
  readonly #channels: readonly Channel[];
  readonly #completeBefore: boolean;
  readonly #firstSync = new Trigger();
  readonly #faultRaised: Trigger;
  #synced = false;

  private constructor(options: SyncRunnerOptions, opened: OpenedRunner) {
    const { scopes, sync, record, notifier, channels, faultRaised } = opened;
    this.#options = options;
    this.#channels = channels;
    this.#notifier = notifier;
    this.#faultRaised = faultRaised;
    this.#sync = sync;
    this.#record = record;
    this.#completeBefore = record.state.complete;
    this.#loops = scopes.map((scope) => ({
      ...options,
      scope,
      handler: sync.handler(scope),
      observer: this.#observe(scope),
    }));
  }

  /** Opens FOLDER and the record in it; throws when that isn't possible. */
  static open(options: SyncRunnerOptions): SyncRunner {
    const { settings, log, now, name, environment } = options;
    const scopes = scopesOf(settings, options.ownNamespace);
    const channels = channelsOf(settings, { ...environment, SYNC_NAME: name });
    const faultRaised = new Trigger();
    const onSettled = (): void => settlePending(record, log);
    const notifier = new Notifier({ channels, pace: paceOf(settings), log, now, onSettled });
    const { sync, record } = openSync({
      ...options,
      scopes,
      notifies: channels.length > 0,
      onChange: () => notifier.changed(),
      onFault: () => faultRaised.pull(),
    });
    return new SyncRunner(options, { scopes, sync, record, notifier, channels, faultRaised });
  }

  status(): SyncStatus {
    const { settings, process, name } = this.#options;
    const heartbeat = settings.METHOD === 'SLEEP' ? settings.SLEEP_TIME : process.WATCH_SERVER_TIMEOUT;
    return {
      name,
      complete: this.#completeBefore || this.#synced,
      synced: this.#synced,
      scopes: this.#loops.map(({ observer }) => observer.status),
      faults: this.#sync.faults,
      stuckAfter: Math.max(heartbeat, process.WATCH_CLIENT_TIMEOUT) + stuckMarginMs,
      contactThreshold: 2 * heartbeat,
    };
  }

  /** Syncs until `signal` ends it; METHOD=LIST ends by itself, and rejects when not everything could be listed and written. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#record.state.pending) this.#notifier.changed();
    try {
      if (this.#options.settings.METHOD === 'LIST') await this.#runOnce(signal);
      else {
        const scopes = this.#loops.map((loop) => followScope(loop, signal));
        await Promise.all([...scopes, this.#repair(signal), this.#notify(signal)]);
      }
    } finally {
      this.#record.close();
    }
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#loops.map((loop) => listScope(loop, signal)));
    for (let attempt = 1; !this.#synced && attempt <= repairsOfList && !signal.aborted; attempt++) {
      await this.#repairOnce(signal);
      if (!this.#synced) await sleep(backoffMs(attempt, this.#options.random, reflectorBackoff), signal);
    }
    if (!this.#synced && signal.aborted) throw new Error('ended before every file was written');
    if (!this.#synced) throw new Error(`not every file could be written: ${this.#sync.faults.join('; ')}`);
    if (!(await this.#notifyFirstSync(signal)) || !(await this.#notifier.flush(signal))) {
      this.#options.log.error('the application was not notified');
    }
  }

  /** Tries again what has failed, less and less often, as long as anything is left. */
  async #repair(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let untilNext = Infinity;
    while (!signal.aborted) {
      // What has to be fetched is fetched at once; what has failed waits.
      if (failures > 0) await sleep(backoffMs(failures, this.#options.random, reflectorBackoff), signal);
      else await this.#faultRaised.pulled(signal, untilNext);
      if (signal.aborted) return;
      this.#faultRaised.reset();
      const done = await this.#repairOnce(signal);
      failures = done || this.#onlyLastingFaults ? 0 : failures + 1;
      untilNext = done ? Infinity : lastingFaultsRetryMs;
    }
  }

  /** Whether nothing is left but what somebody else has to mend first. */
  get #onlyLastingFaults(): boolean {
    return this.#sync.settled && this.#synced;
  }

  /** Answers whether nothing is left to repair. */
  async #repairOnce(signal: AbortSignal): Promise<boolean> {
    try {
      const repaired = await this.#sync.repair(async (key) => {
        const found = this.#loops.find(({ scope }) => covers(scope, key));
        const object = found && (await fetchObject(found.client, found.scope, { key, signal }));
        return object ? { scope: found.scope, object } : null;
      });
      return this.#checkSynced() && repaired;
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn({ err: error }, 'repair failed');
      return false;
    }
  }

  async #notify(signal: AbortSignal): Promise<void> {
    // The application is there already when an earlier process has synced: no outage may keep a change from it.
    if (!this.#completeBefore) await this.#firstSync.pulled(signal);
    if (signal.aborted) return;
    if (!(await this.#notifyFirstSync(signal))) this.#notifier.changed();
    await this.#notifier.run(signal);
    const delivered = await this.#notifier.flush(AbortSignal.timeout(this.#options.process.SHUTDOWN_TIMEOUT));
    if (!delivered) this.#options.log.warn('the application was not notified of the last changes; the next start will');
  }

  /** With REQ_SKIP_INIT, a volume's first complete sync is told to SCRIPT alone; answers false when SCRIPT didn't take it. */
  async #notifyFirstSync(signal: AbortSignal): Promise<boolean> {
    if (!this.#options.settings.REQ_SKIP_INIT || this.#completeBefore) return true;
    const scripts = this.#channels.filter(({ name }) => name === 'SCRIPT');
    return this.#notifier.flush(signal, scripts);
  }

  /**
   * The first sync is done when every scope has been listed, everything claimed is on disk and the record says so. Answers false
   * when only the record is missing.
   */
  #checkSynced(): boolean {
    if (this.#synced || !this.#sync.settled || !this.#loops.every(({ observer }) => observer.status.listed))
      return true;
    try {
      if (!this.#record.state.complete) this.#record.add({ complete: true });
      this.#record.flush();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the ownership record could not be written');
      this.#faultRaised.pull();
      return false;
    }
    this.#synced = true;
    this.#options.log.info({ objects: this.#sync.objectCount }, 'Initial sync complete, sidecar is ready.');
    this.#firstSync.pull();
    return true;
  }

  #observe(scope: Scope): ScopeObserver {
    const { process, log, now } = this.#options;
    const onListed = (): void => void this.#checkSynced();
    return new ScopeObserver({ scope: describeScope(scope), readyPartial: process.READY_PARTIAL, log, now, onListed });
  }
}

interface OpenedRunner {
  readonly scopes: readonly Scope[];
  readonly sync: Sync;
  readonly record: OwnershipRecord;
  readonly notifier: Notifier;
  readonly channels: readonly Channel[];
  readonly faultRaised: Trigger;
}

/** Writes down that everything has been notified. */
function settlePending(record: OwnershipRecord, log: Logger): void {
  if (!record.state.pending) return;
  record.add({ pending: false });
  try {
    record.flush();
  } catch (error) {
    // It stays in memory and is written with the next entry; until then a restart notifies once more.
    log.warn({ err: error }, 'the ownership record could not be written');
  }
}
