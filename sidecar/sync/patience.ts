import type { ProcessSettings, SyncSettings } from '../../shared/settings/sidecar-settings.ts';
import type { SyncStatus } from '../health/health.ts';

// Longer than any wait of a loop that announces it (60 s that the API server may ask for, 30 s of backoff) plus a slow disk.
const stuckMarginMs = 120_000;

/** For how long the loops of a sync may be silent. */
export function patienceOf(
  { METHOD, SLEEP_TIME, RESOURCE_NAME }: SyncSettings,
  process: ProcessSettings,
): Pick<SyncStatus, 'stuckAfter' | 'contactThreshold'> {
  // Its loops end by themselves, and then there is nothing more to hear.
  if (METHOD === 'LIST') return { stuckAfter: Infinity, contactThreshold: Infinity };
  const watched = Math.max(process.WATCH_SERVER_TIMEOUT, RESOURCE_NAME ? SLEEP_TIME : 0);
  const heartbeat = METHOD === 'SLEEP' ? SLEEP_TIME : watched;
  return {
    stuckAfter: Math.max(heartbeat, process.WATCH_CLIENT_TIMEOUT, process.ERROR_THROTTLE_SLEEP ?? 0) + stuckMarginMs,
    contactThreshold: process.K8S_CONTACT_THRESHOLD_SECONDS ?? 2 * heartbeat,
  };
}
