import type { Logger } from '../shared/log/log.ts';

/** Asks why no reviews should come, and writes to the log when that changes. */
export function toldReadiness(notReadyReason: () => string | null, log: Logger): () => string | null {
  let told: string | null = 'starting';
  return () => {
    const reason = notReadyReason();
    if (reason !== told) log.info({ reason }, reason === null ? 'ready' : 'not ready');
    told = reason;
    return reason;
  };
}
