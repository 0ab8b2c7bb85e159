import type { IncomingHttpHeaders } from 'node:http';

/**
 * How long a server wants to be left alone, in milliseconds, where it says so: in seconds, or as a date, which is compared with the
 * server's own clock if that is told. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | undefined {
  const given = headers['retry-after']?.trim();
  if (given === undefined) return undefined;
  if (/^\d+$/.test(given)) return Number(given) * 1000;
  const until = Date.parse(given);
  const told = Date.parse(headers.date ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, until - (Number.isNaN(told) ? now : told));
}
