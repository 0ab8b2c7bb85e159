import type { Claim, Store } from './store.ts';

/** A file to write: the object that the path belongs to, and what the object claims of it. */
export interface PlannedWrite {
  readonly path: string;
  readonly source: string;
  /** Of the object, RFC 3339. */
  readonly createdAt: string;
  readonly claim: Claim;
}

/** A file whose content an object names by a URL. */
export interface PlannedDownload extends PlannedWrite {
  /** Whether the content of this URL is not there. What stands there instead stays until it is. */
  readonly missing: boolean;
}

/** Two objects claim one path; the loser takes over when the winner goes. */
export interface Collision {
  readonly path: string;
  readonly winner: string;
  readonly losers: readonly string[];
}

/** What has to happen to the files for some paths. */
export interface Plan {
  readonly write: readonly PlannedWrite[];
  readonly remove: readonly string[];
  readonly download: readonly PlannedDownload[];
  /** Paths that are right as they are but belong to another object now. */
  readonly transfer: readonly PlannedWrite[];
  readonly collisions: readonly Collision[];
}

/** What is on disk of a path, as far as we know: whose it is and what we wrote; no hash when that is not known. */
export interface OnDisk {
  readonly source: string;
  readonly hash: string | null;
  readonly mode: number;
  /** SHA-256 of the URL that the content came from. */
  readonly url?: string;
}

/** What has to be done so that `paths` hold what their objects claim; a path that is right already is in no list. */
export function planPaths(paths: readonly string[], store: Store, onDisk: ReadonlyMap<string, OnDisk>): Plan {
  const claims = paths.flatMap((path) => claimOf(path, store) ?? []);
  const claimed = claims.map(({ planned }) => planned);
  const claimedPaths = new Set(claimed.map(({ path }) => path));
  const isRight = (planned: PlannedWrite): boolean => isOnDisk(planned, onDisk.get(planned.path));
  const isToldOtherwise = ({ path, source, claim }: PlannedWrite): boolean => {
    const present = onDisk.get(path);
    return present?.source !== source || (present.url === undefined) !== (claim.url === undefined);
  };
  return {
    write: claimed.filter((planned) => planned.claim.url === undefined && !isRight(planned)),
    remove: paths.filter((path) => !claimedPaths.has(path) && onDisk.has(path)),
    download: claimed.filter(isDownload).map((planned) => ({ ...planned, missing: !isRight(planned) })),
    transfer: claimed.filter((planned) => isRight(planned) && isToldOtherwise(planned)),
    collisions: claims.flatMap(({ planned: { path, source }, losers }) =>
      losers.length > 0 ? { path, winner: source, losers } : [],
    ),
  };
}

/** Whether a path holds what is planned for it, as far as we know. */
export function isOnDisk({ claim }: PlannedWrite, present: OnDisk | undefined): boolean {
  if (present?.mode !== claim.mode || present.hash === null) return false;
  return (claim.url === undefined ? present.hash : present.url) === claim.hash;
}

function isDownload({ claim }: PlannedWrite): boolean {
  return claim.url !== undefined;
}

/** What the object that has the path claims of it, and who else does. */
function claimOf(path: string, store: Store): { planned: PlannedWrite; losers: readonly string[] } | undefined {
  const [winner, ...losers] = store.claimants(path);
  const claim = winner?.claims.get(path);
  if (!winner || !claim) return undefined;
  const planned = { path, source: winner.key, createdAt: winner.createdAt, claim };
  return { planned, losers: losers.map(({ key }) => key) };
}
