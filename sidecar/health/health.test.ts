import { describe, expect, it } from '@jest/globals';
import { kiwigridHealth, liveness, readiness, reasonForbidden, reasonNotComplete, startup } from './health.ts';
import type { ScopeStatus, SyncStatus, Verdict } from './health.ts';

const now = Date.UTC(2026, 0, 1, 12, 0, 0);
const minute = 60_000;

const listedScope: ScopeStatus = {
  scope: 'configmaps in namespace "x"',
  listed: true,
  error: null,
  lastContact: now - 1000,
  lastSign: now - 1000,
  forbidden: null,
};

const syncedSync: SyncStatus = {
  name: 'sync',
  complete: true,
  synced: true,
  scopes: [listedScope],
  faults: [],
  stuckAfter: 5 * minute,
  contactThreshold: 2 * minute,
  counts: { objects: 1, files: 1, bytes: 1, collisions: 0, faults: 0 },
  notification: { pending: false, lastSuccess: null },
};

const starting: SyncStatus = {
  ...syncedSync,
  complete: false,
  synced: false,
  scopes: [{ ...listedScope, listed: false }],
};

/** All endpoints' answers, in short. */
function answers(...syncs: SyncStatus[]): Record<string, Verdict> {
  return {
    startupz: startup(syncs, now),
    readyz: readiness(syncs, now),
    livez: liveness(syncs, now),
    healthz: kiwigridHealth(syncs, now),
  };
}

const ok: Verdict = { status: 200, body: 'OK' };
const down = (body: string): Verdict => ({ status: 503, body });

describe('health', () => {
  it('is well everywhere when synced and in contact', () => {
    expect(answers(syncedSync, syncedSync)).toEqual({ startupz: ok, readyz: ok, livez: ok, healthz: ok });
  });

  it('before the first sync says what it waits for, and is alive', () => {
    const reason = 'sync: waiting for the list of configmaps in namespace "x"';
    expect(answers(starting)).toEqual({
      startupz: down(reason),
      readyz: down(reason),
      livez: ok,
      healthz: down('NOT READY'),
    });
    expect(reasonNotComplete([starting])).toBe(reason);
    expect(reasonNotComplete([syncedSync])).toBeUndefined();
  });

  it('is started but not ready when an earlier process completed the volume', () => {
    const { startupz, readyz } = answers({ ...starting, complete: true });
    expect({ startupz, readyz: readyz?.status }).toEqual({ startupz: ok, readyz: 503 });
  });

  it('waits for every sync, and names each that is not there', () => {
    const waiting = { ...starting, name: 'alerts', scopes: [{ ...listedScope, listed: true }] };
    expect(startup([syncedSync, starting, waiting], now).body).toBe(
      'sync: waiting for the list of configmaps in namespace "x"; alerts: starting',
    );
  });

  it('gives errors before faults before what is not listed yet', () => {
    const failing = { ...listedScope, listed: false, error: 'cannot list' };
    expect(reasonNotComplete([{ ...starting, faults: ['a: disk full'], scopes: [failing, failing] }])).toBe(
      'sync: cannot list (and 1 more)',
    );
    expect(reasonNotComplete([{ ...starting, faults: ['a: disk full', 'b: disk full'] }])).toBe(
      'sync: a: disk full (and 1 more)',
    );
  });

  it('says, also when it is well, which files are not in sync, but for those that the reason names already', () => {
    const faults = Array.from({ length: 12 }, (_, n) => `f${n}: disk full`);
    const notes = faults.map((fault) => `sync: ${fault}`);
    expect(readiness([{ ...syncedSync, faults }], now)).toEqual({
      status: 200,
      body: ['OK', ...notes.slice(0, 10), 'and 2 more files are not in sync'].join('\n'),
    });
    expect(readiness([{ ...syncedSync, synced: false, faults: faults.slice(0, 2) }], now)).toEqual(
      down('sync: f0: disk full (and 1 more)\nsync: f1: disk full'),
    );
  });

  it('stays started, ready and alive when contact is lost, and says since when', () => {
    const lost = { ...listedScope, error: 'cannot watch', lastContact: now - 3 * minute };
    const noted = {
      status: 200,
      body: 'OK\nconfigmaps in namespace "x": stale since 2026-01-01T11:57:00.000Z: cannot watch',
    };
    expect(answers({ ...syncedSync, scopes: [lost] })).toEqual({
      startupz: noted,
      readyz: noted,
      livez: noted,
      healthz: down('NOT LIVE (K8s contact lost)'),
    });
  });

  it('says once what is stale for several syncs that share a stream', () => {
    const lost = { ...listedScope, error: 'cannot watch' };
    const { body } = startup(
      [syncedSync, syncedSync].map((sync) => ({ ...sync, scopes: [lost] })),
      now,
    );
    expect(body.match(/stale since/g)).toHaveLength(1);
  });

  it('is ready for kiwigrid no sooner than every sync, and dead before it is out of contact', () => {
    const silent = { ...listedScope, lastContact: 0, lastSign: 0 };
    const sync = { ...syncedSync, scopes: [silent] };
    expect(kiwigridHealth([sync, starting], now).body).toBe('NOT READY');
    expect(kiwigridHealth([syncedSync, sync], now).body).toBe('NOT LIVE (watcher thread died)');
    expect(kiwigridHealth([{ ...sync, stuckAfter: Infinity }], now).body).toBe('NOT LIVE (K8s contact lost)');
    expect(kiwigridHealth([{ ...sync, stuckAfter: Infinity, contactThreshold: Infinity }], now)).toEqual(ok);
  });

  it('says what is forbidden, once for several syncs that share a stream', () => {
    const refused = (verb: string, resource: string): SyncStatus => ({
      ...syncedSync,
      scopes: [{ ...listedScope, forbidden: { verb, resource } }],
    });
    const secrets = refused('list', 'secrets in namespace "x"');
    expect(reasonForbidden([secrets, syncedSync, secrets, refused('watch', 'configmaps at the cluster scope')])).toBe(
      'cannot list secrets in namespace "x": forbidden; cannot watch configmaps at the cluster scope: forbidden',
    );
    expect(reasonForbidden([syncedSync])).toBeUndefined();
  });

  it('is in contact for kiwigrid until the threshold has passed', () => {
    const at = (lastContact: number): number =>
      kiwigridHealth([{ ...syncedSync, scopes: [{ ...listedScope, lastContact }] }], now).status;
    expect([at(now - 2 * minute), at(now - 2 * minute - 1)]).toEqual([200, 503]);
  });

  it('is dead only when a loop shows no sign for too long', () => {
    const silent = (ms: number): SyncStatus => ({ ...syncedSync, scopes: [{ ...listedScope, lastSign: now - ms }] });
    expect(answers(silent(5 * minute)).livez).toEqual(ok);
    expect(answers(silent(5 * minute + 1))).toEqual({
      startupz: ok,
      readyz: ok,
      livez: down('the loop for configmaps in namespace "x" is stuck'),
      healthz: down('NOT LIVE (watcher thread died)'),
    });
  });
});
