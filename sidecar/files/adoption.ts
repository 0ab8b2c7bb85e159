import { sleep } from '../../shared/backoff.ts';
import { adoptFolder, type AdoptionParts } from './folder-adoption.ts';
import { writeRecord } from './write-record.ts';

export interface AdoptionOptions extends AdoptionParts {
  /** Whether the settings ask for it. */
  readonly isWanted: boolean;
  /** Whether every sync of this process knows all objects that it selects, and has written them. */
  readonly isProcessComplete: () => boolean;
  readonly now: () => number;
  /** Called when the record could not be written. */
  readonly onRetry: () => void;
  /** Called at the end, whatever came of it. */
  readonly onEnded: () => void;
}

// Nobody waits for it; other syncs of the process may need minutes, or an administrator.
const lookAgainMs = 500;

/** Does what ADOPT_FOLDER asks for as soon as it is known what all syncs of the process claim: before that nothing is removed. */
export class Adoption {
  readonly #options: AdoptionOptions;
  #isUnderWay = false;

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** Whether files may have been removed that `onChange` has not been told of yet. */
  get hasUntold(): boolean {
    return this.#isUnderWay;
  }

  /** Once this sync is complete. Gives up at `deadline` or when `signal` is aborted; the next start tries again. */
  async run(signal: AbortSignal, deadline = Infinity): Promise<void> {
    const { isWanted, record, isProcessComplete, now, log } = this.#options;
    if (!isWanted || record.state.adopted) return;
    while (!isProcessComplete() && !signal.aborted && now() < deadline) await sleep(lookAgainMs, signal);
    if (signal.aborted) return;
    const isDone = isProcessComplete() && (await this.#adopt(signal));
    if (!isDone) log.warn('ADOPT_FOLDER=once is not done; the next start tries again');
    this.#flush();
  }

  async #adopt(signal: AbortSignal): Promise<boolean> {
    this.#isUnderWay = true;
    try {
      return await adoptFolder(this.#options, signal);
    } finally {
      this.#isUnderWay = false;
      this.#options.onEnded();
    }
  }

  #flush(): void {
    const { record, log, onRetry } = this.#options;
    if (!writeRecord(log, () => record.flush())) onRetry();
  }
}
