import { Download, type DownloadTools } from './download.ts';
import { Trigger } from '../trigger.ts';
import type { WantedDownload } from '../projection/wanted-download.ts';

export interface DownloaderOptions extends DownloadTools {
  /** Whether what an earlier process has downloaded is looked up at once, too. */
  readonly atOnce: boolean;
}

// Enough to hide the latency of one server, and few enough not to be a burden to it.
const mostAtATime = 4;

/** Keeps the files that a sync wants to have downloaded as their URLs have them. */
export class Downloader {
  readonly #options: DownloaderOptions;
  readonly #downloads = new Map<string, Download>();
  readonly #running = new Set<Promise<void>>();
  readonly #news = new Trigger();
  #mayHaveChanged = true;

  constructor(options: DownloaderOptions) {
    this.#options = options;
  }

  /** Says that other downloads may be wanted than before. */
  needed(): void {
    this.#mayHaveChanged = true;
    this.#news.pull();
  }

  /** Downloads and looks up again until `signal` ends it; what is under way then has no effect. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#work(signal, () => false);
  }

  /** Downloads until nothing is due any more. It may be called again for what is wanted then. */
  async runOnce(signal: AbortSignal): Promise<void> {
    this.#mayHaveChanged = true;
    await this.#work(signal, () => this.#running.size === 0 && this.#nextDue() === Infinity);
  }

  async #work(signal: AbortSignal, isDone: () => boolean): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#mayHaveChanged) this.#takeInWanted();
        this.#startDue();
        if (isDone()) return;
        const wait = this.#running.size < mostAtATime ? this.#nextDue() - this.#options.now() : Infinity;
        await this.#news.pulled(signal, wait);
        this.#news.reset();
      }
    } finally {
      if (signal.aborted) for (const download of this.#downloads.values()) download.abandon();
      await Promise.all(this.#running);
    }
  }

  /** What is still wanted goes on as it was, under way or not. */
  #takeInWanted(): void {
    this.#mayHaveChanged = false;
    const wanted = new Map(this.#options.target.wantedDownloads().map((one) => [keyOf(one), one]));
    for (const [key, download] of this.#downloads) {
      if (wanted.has(key)) continue;
      download.abandon();
      this.#downloads.delete(key);
    }
    for (const [key, one] of wanted) {
      const known = this.#downloads.get(key);
      if (known) known.update(one);
      else this.#downloads.set(key, new Download(one, this.#options));
    }
  }

  #startDue(): void {
    const now = this.#options.now();
    const due = [...this.#downloads.values()].filter((download) => download.due <= now);
    due.sort((one, other) => one.due - other.due);
    for (const download of due.slice(0, Math.max(0, mostAtATime - this.#running.size))) this.#start(download);
  }

  #start(download: Download): void {
    const running = download.try().finally(() => {
      this.#running.delete(running);
      this.#news.pull();
    });
    this.#running.add(running);
  }

  #nextDue(): number {
    return this.#downloads.values().reduce((first, { due }) => Math.min(first, due), Infinity);
  }
}

function keyOf({ path, source, url }: WantedDownload): string {
  return JSON.stringify([path, source, url]);
}
