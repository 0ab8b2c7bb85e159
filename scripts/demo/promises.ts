import { errorMessage } from '../../shared/error-message.ts';
import type { Narrator } from './narrator.ts';

/** What the demo looks for, after the README's contract: a name, and what has to be seen. */
export const promises = {
  injected: ['Injection', 'an annotated pod gets the sidecar, an unannotated one is never sent to the webhook'],
  startup: ['Synced before started', 'when the startup probe passes, the files are there'],
  convergence: ['Convergence', 'the files are what the objects say, after every kind of change'],
  atomic: ['Atomic files', 'a reader sees the old content or the new, never a part'],
  notification: ['Notification', 'at least one request after every change, and few after a burst of changes'],
  restarted: ['Restarted alone', 'a sidecar that dies is started again beside its application, which goes on'],
  required: ['Never without its sidecar', 'who asked for it is refused while the webhook is down, others are not'],
  answers: ['Clear answers', 'bad input is refused with every problem, and with the nearest name'],
  secrets: ['No secret content in logs', 'what the Secret holds is nowhere in what the two programs log'],
} as const;

export type PromiseName = keyof typeof promises;

export const allPromises = Object.keys(promises) as readonly PromiseName[];
/** What restarts a container is a kubelet. */
export const promisesWithoutNode = allPromises.filter((name) => name !== 'restarted');

export interface Sight {
  expected: string;
  observed: string;
  /** For what may be seen in more than one way; by default, whether the observed is the expected. */
  holds?: boolean;
}

export interface Verdict {
  broken: PromiseName[];
  unseen: PromiseName[];
}

/** What was expected of a promise and what was seen of it; a promise seen several times must hold every time. */
export class Ledger {
  readonly #names: readonly PromiseName[];
  readonly #seen = new Map<PromiseName, Required<Sight>>();

  /** Of these promises. */
  constructor(names: readonly PromiseName[]) {
    this.#names = names;
  }

  see(name: PromiseName, { expected, observed, holds = observed === expected }: Sight): void {
    if (this.#seen.get(name)?.holds !== false) this.#seen.set(name, { expected, observed, holds });
  }

  /** Takes down that a promise could not be seen because something failed on the way. */
  fail(name: PromiseName, error: unknown): void {
    this.see(name, { expected: 'to be seen', observed: errorMessage(error) });
  }

  /** Prints each promise with what was seen of it, then the count and the time; answers what to make of it. */
  tell(narrator: Narrator, elapsedMs: number): Verdict {
    const names = this.#names;
    for (const name of names) tellSight(promises[name], this.#seen.get(name), narrator);
    const verdict = {
      broken: names.filter((name) => this.#seen.get(name)?.holds === false),
      unseen: names.filter((name) => !this.#seen.has(name)),
    };
    narrator.title(closingLine(verdict, names.length, elapsedMs));
    return verdict;
  }
}

function tellSight([name, text]: readonly [string, string], sight: Required<Sight> | undefined, narrator: Narrator) {
  if (!sight) return narrator.unseen(`${name}: not seen, as something before it failed`);
  const { expected, observed, holds } = sight;
  if (holds) {
    narrator.good(`${name}: ${text}`);
    narrator.note(observed);
  } else {
    narrator.bad(`${name}: ${text}`);
    narrator.note(`expected: ${expected}`);
    narrator.note(`saw:      ${observed}`);
  }
}

function closingLine({ broken, unseen }: Verdict, count: number, elapsedMs: number): string {
  const held = count - broken.length - unseen.length;
  const parts = [`${held} of ${count} promises held, ${duration(elapsedMs)}`];
  if (broken.length > 0) parts.push(`did not hold: ${broken.map((name) => promises[name][0]).join(', ')}`);
  if (unseen.length > 0) parts.push(`not seen: ${unseen.length}`);
  return parts.join('; ');
}

/** The first run compiles Kubernetes, so that it takes minutes. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
