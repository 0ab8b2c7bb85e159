import { describe, expect, it } from '@jest/globals';
import { isoTime, zonedTime } from './zoned-time.ts';

describe('isoTime', () => {
  it('writes the offset of UTC as kiwigrid/k8s-sidecar does', () => {
    expect(isoTime(Date.UTC(2026, 10, 20, 19, 43, 39, 71), 'UTC')).toBe('2026-11-20T19:43:39.071+00:00');
  });

  // Which zone the tests run in is not for them to say; sidecar/main.test.ts runs the program in one.
  it('writes a moment of the local zone so that it is read back as the same moment', () => {
    for (const month of [0, 6]) {
      const moment = Date.UTC(2026, month, 20, 23, 59, 59, 999);
      expect(Date.parse(isoTime(moment, 'LOCAL'))).toBe(moment);
    }
  });
});

describe('zonedTime', () => {
  it('shows the clock of the local zone', () => {
    const moment = Date.UTC(2026, 6, 1, 12, 30);
    const { clock } = zonedTime(moment, 'LOCAL');
    expect([clock.getUTCDate(), clock.getUTCHours(), clock.getUTCMinutes()]).toEqual([
      new Date(moment).getDate(),
      new Date(moment).getHours(),
      new Date(moment).getMinutes(),
    ]);
  });
});
