/** What is known of one collection that a sync lists and watches; times in milliseconds. */
export interface ScopeStatus {
  /** For people: `configmaps in namespace "x"`. */
  readonly scope: string;
  /** Whether this process has had a whole list of it (or may do without, see READY_PARTIAL). */
  readonly listed: boolean;
  /** Why the last try failed; null while there is contact. */
  readonly error: string | null;
  /** When the API server last said anything. */
  readonly lastContact: number;
  /** When the loop was last seen to do anything. */
  readonly lastSign: number;
  /** What the API server refuses this sidecar; null while it refuses nothing. */
  readonly forbidden: { readonly verb: string; readonly resource: string } | null;
}

/** How much a sync has on its volume, and what is wrong with it. */
export interface SyncCounts {
  readonly objects: number;
  readonly files: number;
  readonly bytes: number;
  /** Paths that several objects claim. */
  readonly collisions: number;
  /** Paths that are not as they should be. */
  readonly faults: number;
}

export interface SyncStatus {
  readonly name: string;
  /** A complete sync is on the volume, by this process or an earlier one. */
  readonly complete: boolean;
  /** This process has done a complete sync. */
  readonly synced: boolean;
  readonly scopes: readonly ScopeStatus[];
  /** Files that are not as they should be, with the reason. */
  readonly faults: readonly string[];
  /** A loop that shows no sign for longer is stuck. */
  readonly stuckAfter: number;
  /** Contact counts as lost after this time, for `/healthz`. */
  readonly contactThreshold: number;
  readonly counts: SyncCounts;
  readonly notification: {
    /** Something has changed that the application does not know of yet. */
    readonly pending: boolean;
    /** When this process last notified the application of everything; null when it has not. */
    readonly lastSuccess: number | null;
  };
}

export interface Verdict {
  readonly status: 200 | 503;
  readonly body: string;
}

/** 200 once a complete sync is on the volume of every sync, also one of an earlier process. */
export function startup(syncs: readonly SyncStatus[], now: number): Verdict {
  return verdict(reasonNotComplete(syncs), syncs, now);
}

/** 200 once this process has done its first complete sync; never back to 503 for lost contact. */
export function readiness(syncs: readonly SyncStatus[], now: number): Verdict {
  return verdict(reasonNot('synced', syncs), syncs, now);
}

/** 503 only when a loop is stuck, which a restart mends. A stuck event loop gives no answer at all. */
export function liveness(syncs: readonly SyncStatus[], now: number): Verdict {
  const stuck = syncs.flatMap(({ scopes, stuckAfter }) =>
    scopes.filter(({ lastSign }) => now - lastSign > stuckAfter).map(({ scope }) => `the loop for ${scope} is stuck`),
  );
  return verdict(stuck[0], syncs, now);
}

/** What kiwigrid/k8s-sidecar 2.11 answers under `/healthz`: ready and in contact. */
export function kiwigridHealth(syncs: readonly SyncStatus[], now: number): Verdict {
  if (!syncs.every(({ synced }) => synced)) return { status: 503, body: 'NOT READY' };
  if (liveness(syncs, now).status === 503) return { status: 503, body: 'NOT LIVE (watcher thread died)' };
  const lost = syncs.some(({ scopes, contactThreshold }) =>
    scopes.some(({ lastContact }) => now - lastContact > contactThreshold),
  );
  return lost ? { status: 503, body: 'NOT LIVE (K8s contact lost)' } : { status: 200, body: 'OK' };
}

/** Why not every sync is complete on its volume, in one line; undefined when they are. */
export function reasonNotComplete(syncs: readonly SyncStatus[]): string | undefined {
  return reasonNot('complete', syncs);
}

/** What the API server refuses, in one line; undefined when it refuses nothing. */
export function reasonForbidden(syncs: readonly SyncStatus[]): string | undefined {
  const refusals = syncs.flatMap(({ scopes }) => scopes.flatMap(({ forbidden }) => forbidden ?? []));
  const reasons = new Set(refusals.map(({ verb, resource }) => `cannot ${verb} ${resource}: forbidden`));
  return reasons.size === 0 ? undefined : [...reasons].join('; ');
}

function reasonNot(goal: 'complete' | 'synced', syncs: readonly SyncStatus[]): string | undefined {
  const waiting = syncs.filter((sync) => !sync[goal]);
  return waiting.length === 0 ? undefined : waiting.map(reasonOf).join('; ');
}

function reasonOf({ name, scopes, faults }: SyncStatus): string {
  const errors = scopes.flatMap(({ error }) => error ?? []);
  const missing = scopes.filter(({ listed }) => !listed).map(({ scope }) => `waiting for the list of ${scope}`);
  const [first = 'starting', ...more] = errors.length > 0 ? errors : faults.length > 0 ? faults : missing;
  return `${name}: ${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
}

// More of them would be a page that nobody reads; the metric counts all.
const mostFaultNotes = 10;

/** A line for each file that is not as it should be. */
function faultNotes(syncs: readonly SyncStatus[]): string[] {
  const faults = syncs.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`));
  const more = faults.length - mostFaultNotes;
  return [...faults.slice(0, mostFaultNotes), ...(more > 0 ? [`and ${more} more files are not in sync`] : [])];
}

/** A line for each scope with an error, once for all syncs that share its stream. */
function staleNote(syncs: readonly SyncStatus[], now: number): string[] {
  const notes = syncs
    .flatMap(({ scopes }) => scopes)
    .filter(({ error }) => error !== null)
    .map(({ scope, lastContact, error }) => {
      const since = new Date(Math.min(lastContact, now)).toISOString();
      return `${scope}: stale since ${since}: ${error}`;
    });
  return [...new Set(notes)];
}

function verdict(reason: string | undefined, syncs: readonly SyncStatus[], now: number): Verdict {
  const faults = faultNotes(syncs).filter((note) => !reason?.includes(note));
  const lines = [reason ?? 'OK', ...staleNote(syncs, now), ...faults];
  return { status: reason === undefined ? 200 : 503, body: lines.join('\n') };
}
