/** Which clock the log shows: `LOCAL` is the zone of the process, that of the environment variable `TZ`. */
export type Zone = 'LOCAL' | 'UTC';

/** A moment as the clock of a zone shows it. `clock` is to be read by its UTC getters; `offset` is its distance from UTC, `+01:00`. */
export interface ZonedTime {
  readonly clock: Date;
  readonly offset: string;
}

const msPerMinute = 60_000;

/** The moment `ms` (milliseconds since 1970) on the clock of a zone. */
export function zonedTime(ms: number, zone: Zone): ZonedTime {
  const minutes = zone === 'UTC' ? 0 : -new Date(ms).getTimezoneOffset();
  const offset = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(twoDigits).join(':');
  return { clock: new Date(ms + minutes * msPerMinute), offset: `${minutes < 0 ? '-' : '+'}${offset}` };
}

/** ISO 8601 with milliseconds and offset, as kiwigrid/k8s-sidecar logs it: `2026-11-20T19:43:39.071+00:00`. */
export function isoTime(ms: number, zone: Zone): string {
  const { clock, offset } = zonedTime(ms, zone);
  return clock.toISOString().replace('Z', offset);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
