import { describe, expect, it } from '@jest/globals';
import { createLogger } from './log.ts';

/** The lines that a logger of a level writes, parsed. */
function linesAt(level: string, write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger(level, { write: (line) => lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLogger', () => {
  it('writes JSON with the time, the level in words, the message and the facts', () => {
    const [line, ...more] = linesAt('INFO', (log) => log.info({ path: '/f/a' }, 'Writing /f/a'));
    expect(line).toEqual({
      level: 'INFO',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      path: '/f/a',
      msg: 'Writing /f/a',
    });
    expect(more).toEqual([]);
  });

  it.each([
    ['DEBUG', ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL']],
    ['INFO', ['INFO', 'WARN', 'ERROR', 'CRITICAL']],
    ['WARN', ['WARN', 'ERROR', 'CRITICAL']],
    ['WARNING', ['WARN', 'ERROR', 'CRITICAL']],
    ['ERROR', ['ERROR', 'CRITICAL']],
    ['CRITICAL', ['CRITICAL']],
  ])('writes nothing below %s', (level, written) => {
    const lines = linesAt(level, (log) => {
      for (const method of ['debug', 'info', 'warn', 'error', 'fatal'] as const) log[method]('x');
    });
    expect(lines.map((line) => line['level'])).toEqual(written);
  });
});
