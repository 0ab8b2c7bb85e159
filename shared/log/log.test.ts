import { describe, expect, it } from '@jest/globals';
import { createLogger, type LoggerOptions } from './log.ts';
import { levels } from './log-levels.ts';

/** The lines that a logger writes, parsed. */
function linesOf(
  write: (log: ReturnType<typeof createLogger>) => void,
  options: Partial<LoggerOptions> = {},
): unknown[] {
  const lines: string[] = [];
  const now = (): number => Date.UTC(2026, 10, 20, 19, 43, 39, 71);
  write(createLogger({ level: levels.INFO, zone: 'UTC', now, ...options }, { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as unknown);
}

const ofEveryLevel = (log: ReturnType<typeof createLogger>): void => {
  for (const method of ['debug', 'info', 'warn', 'error', 'fatal'] as const) log[method]('x');
};

describe('createLogger', () => {
  it('writes JSON with the time, the level in words, the message and the facts', () => {
    expect(linesOf((log) => log.info({ path: '/f/a' }, 'Writing /f/a'))).toEqual([
      { level: 'INFO', time: '2026-11-20T19:43:39.071+00:00', path: '/f/a', msg: 'Writing /f/a' },
    ]);
  });

  it("calls the levels by Python's names, as kiwigrid/k8s-sidecar does", () => {
    const written = linesOf(ofEveryLevel, { level: levels.NOTSET }) as { level: string }[];
    expect(written.map(({ level }) => level)).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
  });

  it.each([
    ['DEBUG', 5],
    ['INFO', 4],
    ['WARN', 3],
    ['WARNING', 3],
    ['ERROR', 2],
    ['CRITICAL', 1],
  ] as const)('writes nothing below %s', (level, count) => {
    expect(linesOf(ofEveryLevel, { level: levels[level] })).toHaveLength(count);
  });

  it('takes levels between those that it writes', () => {
    expect(linesOf(ofEveryLevel, { level: levels.INFO + 5 })).toHaveLength(3);
    expect(linesOf(ofEveryLevel, { level: levels.CRITICAL + 5 })).toEqual([]);
  });

  it('writes of an error what describeError tells, also when it is all that is logged', () => {
    const error = Object.assign(new Error('connect failed'), { rawPacket: 'secret' });
    const [asField, alone] = linesOf((log) => {
      log.error({ err: error }, 'trying again');
      log.error(error);
    });
    const err = { type: 'Error', message: 'connect failed' };
    expect(asField).toMatchObject({ msg: 'trying again', err });
    expect(alone).toMatchObject({ msg: 'connect failed', err });
    expect(JSON.stringify([asField, alone])).not.toContain('secret');
  });
});
