import { describe, expect, it } from '@jest/globals';
import {
  ApiStatusError,
  isConflict,
  isExpired,
  isForbidden,
  isNotFound,
  isServerError,
  isTooManyRequests,
  isUnauthorized,
  readStatus,
} from './api-status.ts';

const call = { verb: 'list', resource: 'configmaps in namespace "x"' };

function statusError(code: number, reason = ''): ApiStatusError {
  return new ApiStatusError(call, { code, reason, message: '' });
}

describe('readStatus', () => {
  it('takes code, reason, message and the time to wait from a Status', () => {
    const body = {
      kind: 'Status',
      code: 429,
      reason: 'TooManyRequests',
      message: 'slow',
      details: { retryAfterSeconds: 2 },
    };

    expect(readStatus(body, 500)).toEqual({
      code: 429,
      reason: 'TooManyRequests',
      message: 'slow',
      retryAfterMs: 2000,
    });
  });

  it('takes what is missing from the HTTP answer', () => {
    expect(readStatus({ kind: 'Status' }, 503, '7')).toEqual({
      code: 503,
      reason: '',
      message: '',
      retryAfterMs: 7000,
    });
  });

  it.each([[undefined], [null], ['text'], [{ kind: 'Secret', message: 'not to be shown' }]])(
    'takes nothing from %j, which is no Status',
    (body) => {
      expect(readStatus(body, 502)).toEqual({ code: 502, reason: '', message: '' });
    },
  );

  it('ignores a time to wait that is no number of seconds', () => {
    expect(readStatus(undefined, 503, 'Wed, 21 Oct 2026 07:28:00 GMT')).toEqual({ code: 503, reason: '', message: '' });
  });
});

it('says verb, resource, namespace, code and the message of the API server', () => {
  const error = new ApiStatusError(call, { code: 403, reason: 'Forbidden', message: 'no rule for user "y"' });

  expect(error.message).toBe('cannot list configmaps in namespace "x": forbidden (403): no rule for user "y"');
});

it.each([
  [isUnauthorized, 401],
  [isForbidden, 403],
  [isNotFound, 404],
  [isConflict, 409],
  [isExpired, 410],
  [isTooManyRequests, 429],
  [isServerError, 503],
])('%p holds for the code %d alone', (predicate, code) => {
  const codes = [400, 401, 403, 404, 409, 410, 429, 503];

  expect(codes.filter((other) => predicate(statusError(other)))).toEqual([code]);
  expect(predicate(new Error(`${code}`))).toBe(false);
});

it('knows an expired version by its reason as well', () => {
  expect(isExpired(statusError(500, 'Expired'))).toBe(true);
});
