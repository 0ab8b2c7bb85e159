/**
 * The names of Python's levels, which LOG_LEVEL and LOG_CONFIG take as kiwigrid/k8s-sidecar does, in pino's numbers: those lie ten
 * above Python's. https://docs.python.org/3/library/logging.html#logging-levels
 */
export const levels = {
  NOTSET: 10,
  DEBUG: 20,
  INFO: 30,
  WARN: 40,
  WARNING: 40,
  ERROR: 50,
  FATAL: 60,
  CRITICAL: 60,
} as const;

/** A level in pino's numbers: from a name in any case, or a number between Python's; undefined when there is no such level. */
export function parseLevel(level: unknown): number | undefined {
  if (typeof level === 'number') return level + levels.NOTSET;
  return Object.entries(levels).find(([name]) => name === String(level).toUpperCase())?.[1];
}
