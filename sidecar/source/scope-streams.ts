import type { Following } from './scope-loop.ts';
import { ScopeStream, type ScopeStreamOptions } from './scope-stream.ts';
import type { Scope } from './source.ts';

/** The streams of the process: one for each scope and each way to follow it, however many syncs want it. */
export class ScopeStreams {
  readonly #options: Omit<ScopeStreamOptions, 'scope' | 'following'>;
  readonly #streams = new Map<string, ScopeStream>();

  constructor(options: Omit<ScopeStreamOptions, 'scope' | 'following'>) {
    this.#options = options;
  }

  /** The stream of a scope; the first call makes it, which has to be before `run`. */
  of(scope: Scope, following: Following): ScopeStream {
    const key = streamKey(scope, following);
    const stream = this.#streams.get(key) ?? new ScopeStream({ ...this.#options, scope, following });
    this.#streams.set(key, stream);
    return stream;
  }

  /** Follows all scopes until `signal` ends it. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.run(signal)));
  }
}

/** Without SLEEP_TIME where it says nothing about how the scope is followed. */
function streamKey({ kind, namespace, labelSelector, name }: Scope, { METHOD, SLEEP_TIME }: Following): string {
  const sleepTime = METHOD === 'SLEEP' || name !== undefined ? SLEEP_TIME : null;
  return JSON.stringify([METHOD, sleepTime, kind, namespace, labelSelector, name]);
}
