import { describe, expect, it } from '@jest/globals';
import { secretKey } from './secret-key.ts';

describe('a key of a Secret', () => {
  it.each([
    ['grafana/password', { name: 'grafana', key: 'password' }],
    [' grafana.admin-1/ADMIN_PASSWORD.txt ', { name: 'grafana.admin-1', key: 'ADMIN_PASSWORD.txt' }],
  ])('is named by both: %s', (given, value) => {
    expect(secretKey.parse(given)).toEqual(value);
    expect(secretKey.parse(secretKey.print(value))).toEqual(value);
  });

  it.each([
    'grafana',
    'grafana/',
    '/password',
    'x/grafana/password',
    'Grafana/password',
    'grafana/pass word',
    'hunter2!',
  ])('is refused: %s', (given) => {
    expect(secretKey.parse(given)).toBeUndefined();
  });
});
