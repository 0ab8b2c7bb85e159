import { errorMessage } from '../../shared/error-message.ts';
import type { Logger } from '../../shared/log/log.ts';
import { redactUrl } from '../../shared/settings/kind.ts';
import type { FetchDownload } from './download-fetch.ts';
import type { Condition, ExchangeAnswer } from '../http/http-exchange.ts';
import type { Meter } from '../health/meter.ts';
import { QuickRetries, type RetrySettings } from '../http/quick-retries.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';

/** The side of a sync that wants downloads; `Sync` has more to say of each. */
export interface DownloadTarget {
  wantedDownloads(): readonly WantedDownload[];
  /** Answers whether the file changed. */
  downloaded(wanted: WantedDownload, content: Buffer): boolean;
  downloadFailed(wanted: WantedDownload, reason: string): void;
}

/** When a download is tried again; times in milliseconds. */
export interface DownloadPace {
  readonly retries: RetrySettings;
  /** After a success; Infinity for never. */
  readonly refreshMs: number;
  /** Once the quick retries are used up; Infinity for never. */
  readonly slowRetryMs: number;
}

export interface DownloadTools {
  /** Of the sync, for metrics. */
  readonly name: string;
  readonly target: DownloadTarget;
  readonly fetch: FetchDownload;
  readonly pace: DownloadPace;
  readonly log: Logger;
  readonly meter: Meter;
  readonly now: () => number;
  readonly random: () => number;
}

// So that what was seen at one time isn't asked for at one time for ever.
const jitter = 0.1;

/** One file that is kept as its URL has it. */
export class Download {
  readonly #tools: DownloadTools;
  readonly #end = new AbortController();
  #wanted: WantedDownload;
  #due: number;
  #isRunning = false;
  #retries: QuickRetries;
  #usedUp = false;
  /** Why the last try failed. */
  #failure: string | null = null;
  /** What the last try has got; nothing when it failed. */
  #condition: Condition | undefined;

  /** What an earlier process has got is looked up when it is time, unless all of it is looked up `atOnce`. */
  constructor(wanted: WantedDownload, { atOnce, ...tools }: DownloadTools & { readonly atOnce: boolean }) {
    this.#tools = tools;
    this.#wanted = wanted;
    this.#retries = new QuickRetries(tools.pace.retries);
    this.#due = wanted.missing || atOnce ? tools.now() : this.#later(tools.pace.refreshMs);
  }

  /** When it is to be tried next; Infinity while it is being tried. */
  get due(): number {
    return this.#isRunning ? Infinity : this.#due;
  }

  /** Takes in how it is wanted now. What was got and isn't on the volume any more is got again; what can't be got keeps its pace. */
  update(wanted: WantedDownload): void {
    this.#wanted = wanted;
    if (wanted.missing && !this.#isRunning && this.#failure === null) this.#due = this.#tools.now();
  }

  /** Nobody wants it any more, or everything ends: a try under way is ended and has no effect. */
  abandon(): void {
    this.#end.abort(new Error('no longer wanted'));
  }

  /** Tries it once; what comes of it is told to the target. */
  async try(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.#fetch();
    } catch (error) {
      if (!this.#end.signal.aborted) this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
  }

  async #fetch(): Promise<void> {
    const { fetch, meter, name, target } = this.#tools;
    // An answer without content is of no use for a file that isn't there, nor would it end a fault.
    const isGood = this.#failure === null && !this.#isMissing();
    const condition = isGood ? this.#condition : undefined;
    const answer = await fetch(this.#wanted.url, { condition, signal: this.#end.signal });
    if (this.#end.signal.aborted) return;
    const isChanged = answer.status !== 304 && target.downloaded(this.#wanted, answer.body);
    meter.download(name, isChanged ? 'changed' : 'unchanged');
    this.#succeed(answer);
  }

  /** Somebody may have removed or changed the file since it was last said how it is wanted. */
  #isMissing(): boolean {
    const { path, source, url } = this.#wanted;
    const isThis = (one: WantedDownload): boolean => one.path === path && one.source === source && one.url === url;
    return this.#tools.target.wantedDownloads().find(isThis)?.missing ?? true;
  }

  #succeed(answer: ExchangeAnswer): void {
    const { log, pace } = this.#tools;
    if (answer.status !== 304) this.#condition = conditionOf(answer);
    if (this.#failure !== null) log.info(this.#facts, 'the download succeeds again');
    this.#failure = null;
    this.#usedUp = false;
    this.#retries = new QuickRetries(pace.retries);
    this.#due = this.#later(pace.refreshMs);
  }

  #fail(error: unknown): void {
    const { log, meter, name, now, pace, target } = this.#tools;
    const reason = errorMessage(error);
    const pause = this.#usedUp ? null : this.#retries.next(error);
    this.#usedUp = pause === null;
    this.#due = pause === null ? this.#later(pace.slowRetryMs) : now() + pause;
    meter.download(name, 'failure');
    if (reason !== this.#failure) log.warn({ ...this.#facts, err: error }, 'a download failed');
    this.#failure = reason;
    target.downloadFailed(this.#wanted, reason);
  }

  get #facts(): object {
    const { path, source, url } = this.#wanted;
    return { object: source, path, url: redactUrl(url) };
  }

  #later(ms: number): number {
    const { now, random } = this.#tools;
    return now() + ms * (1 - jitter + 2 * jitter * random());
  }
}

/** What asks the server whether there is something new; https://www.rfc-editor.org/rfc/rfc9110#section-13.1 */
function conditionOf({ headers, url }: ExchangeAnswer): Condition | undefined {
  const { etag, 'last-modified': modified } = headers;
  if (etag === undefined && modified === undefined) return undefined;
  return {
    url,
    headers: {
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(modified !== undefined && { 'if-modified-since': modified }),
    },
  };
}
