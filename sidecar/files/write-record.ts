import type { Logger } from '../../shared/log/log.ts';

/** Does what writes to the ownership record; answers whether it could. What could not be written is written by a later flush. */
export function writeRecord(log: Logger, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    reportUnwritten(log, error);
    return false;
  }
}

/** Says that the record could not be written. */
export function reportUnwritten(log: Logger, error: unknown): void {
  log.warn({ err: error }, 'the ownership record could not be written');
}
