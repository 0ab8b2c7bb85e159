import { describe, expect, it } from '@jest/globals';
import { leaksOf } from '../product/leaks.ts';

const secret = 'söme "secret"/+=?';

describe('the search for leaks', () => {
  it.each([
    ['raw', `before ${secret} behind`],
    ['JSON', JSON.stringify({ value: `before ${secret} behind` })],
    ['URL-encoded', `https://x/?q=${encodeURIComponent(secret)}&more`],
    ['base64 at 0', Buffer.from(`${secret} behind`).toString('base64')],
    ['base64 at 1', Buffer.from(`user${secret} behind`).toString('base64')],
    ['base64 at 2', Buffer.from(`12${secret} behind`).toString('base64')],
    ['base64url at 1', Buffer.from(`1${secret}`).toString('base64url')],
  ])('finds a secret that is %s', (form, text) => {
    expect(leaksOf(secret, text)).toContain(form);
  });

  it('finds nothing where there is nothing', () => {
    expect(leaksOf(secret, 'some "secret"')).toEqual([]);
  });
});
