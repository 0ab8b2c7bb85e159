import { expect, it } from '@jest/globals';
import { ApiConnectionError, ApiTimeoutError, MalformedAnswerError } from './api-failure.ts';
import { ApiStatusError } from './api-status.ts';
import { ClusterAccessError } from './cluster-access.ts';
import { afterFailure, HandlerError, reflectorBackoff, VeryShortWatchError } from './watch-failure.ts';

const call = { verb: 'watch', resource: 'configmaps in namespace "x"' };
const given = { random: () => 0.5, backoff: reflectorBackoff };

function status(code: number, retryAfterMs?: number): ApiStatusError {
  return new ApiStatusError(call, {
    code,
    reason: '',
    message: '',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

it.each([
  ['expired', true, status(410)],
  ['unauthorized', false, status(401)],
  ['forbidden', false, status(403)],
  ['too-many-requests', false, status(429)],
  ['server-error', false, status(500)],
  ['server-error', false, status(503)],
  ['refused', false, status(404)],
  ['timeout', false, new ApiTimeoutError(call, 'byte', 66_000)],
  ['connection', false, new ApiConnectionError(call, 'https://10.0.0.1', new Error('read ECONNRESET'))],
  ['malformed', false, new MalformedAnswerError('the watch ended within an event')],
  ['short-watch', false, new VeryShortWatchError()],
  ['handler', true, new HandlerError()],
  ['access', false, new ClusterAccessError('cannot read the token')],
  ['other', false, new Error('a plugin failed')],
] as const)('after a failure called %s, relist is %p', (reason, relist, error) => {
  expect(afterFailure(error, 1, given)).toEqual({ reason, relist, delayMs: 600 });
});

it('waits longer with each failure in a row, up to half a minute', () => {
  expect([1, 2, 3, 20].map((failures) => afterFailure(status(403), failures, given).delayMs)).toEqual([
    600, 1200, 2400, 22_500,
  ]);
});

it('waits as long as the API server asks, and its own pause on top', () => {
  expect(afterFailure(status(429, 5000), 1, given).delayMs).toBe(5600);
});

it('does not wait an hour because a proxy asks so', () => {
  expect(afterFailure(status(503, 3_600_000), 1, given).delayMs).toBe(60_600);
});
