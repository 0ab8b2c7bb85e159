import { truncateSync, writeFileSync } from 'node:fs';
import type { Logger } from '../../shared/log/log.ts';
import { reasonForbidden, reasonNotComplete, type SyncStatus } from './health.ts';

export interface TellReasonsOptions {
  readonly log: Logger;
  /** What the kubelet shows of a container that has ended. */
  readonly terminationLog: string;
  readonly status: () => readonly SyncStatus[];
}

// Soon enough for a container that is ended by its startup probe.
const terminationLogIntervalMs = 1000;
// Often enough for a person who looks at the log, seldom enough not to fill it.
const logIntervalMs = 60_000;

/**
 * While not synced, says why: in the log once a minute, and where `kubectl describe pod` shows it when the container ends. What the
 * API server refuses stands there afterwards too, as long as it does. Ends when it is disposed of.
 */
export function tellReasons({ log, terminationLog, status }: TellReasonsOptions): Disposable {
  let written = '';
  const write = (): void => {
    const syncs = status();
    const reason = reasonNotComplete(syncs) ?? reasonForbidden(syncs) ?? '';
    if (reason !== written) writeTerminationLog(terminationLog, reason);
    written = reason;
  };
  const say = (): void => {
    const reason = reasonNotComplete(status());
    if (reason !== undefined) log.warn({ reason }, 'not synced yet');
  };
  const timers = [setInterval(write, terminationLogIntervalMs), setInterval(say, logIntervalMs)];
  return {
    [Symbol.dispose]: () => {
      write();
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** The kubelet makes this file in every container; outside of a pod there is none, and none is made. */
function writeTerminationLog(path: string, reason: string): void {
  try {
    truncateSync(path);
    writeFileSync(path, reason, { flag: 'r+' });
  } catch {
    // Nothing reads it then.
  }
}
