import { describe, expect, it } from '@jest/globals';
import { jsonFormat, logfmtFormat } from './log-format.ts';

const line = (facts: object, msg = 'relist'): string =>
  `${JSON.stringify({ level: 'INFO', time: '2026-11-20T19:43:39.071+00:00', ...facts, msg })}\n`;

/** A line in logfmt, without time and level. */
const logfmt = (facts: object, msg?: string): string => logfmtFormat()(line(facts, msg)).replace(/^.* level=INFO /, '');

describe('logfmtFormat', () => {
  it('writes time, level and message first, and then the facts', () => {
    expect(logfmtFormat()(line({ count: 3, path: '/f/a', none: null }))).toBe(
      'time=2026-11-20T19:43:39.071+00:00 level=INFO msg=relist count=3 path=/f/a none=null\n',
    );
  });

  it('quotes what would not be read back as one value', () => {
    expect(logfmt({ a: 'one "two"\nthree', b: 'x=y', c: '', d: 'grün', e: 'C:\\f' }, 'Writing /f/a')).toBe(
      'msg="Writing /f/a" a="one \\"two\\"\\nthree" b="x=y" c="" d="grün" e=C:\\f\n',
    );
  });

  it('names what stands inside of a fact by its way there', () => {
    const err = { type: 'Error', cause: { code: 'ENOSPC' } };
    expect(logfmt({ err, losers: ['a', 'b'], errors: [{ a: 1 }] })).toBe(
      'msg=relist err.type=Error err.cause.code=ENOSPC losers=a,b errors="[{\\"a\\":1}]"\n',
    );
  });

  it('makes a key of any name', () => {
    expect(logfmt({ 'a b=c': 1 })).toBe('msg=relist a_b_c=1\n');
  });
});

describe('jsonFormat', () => {
  it('gives the fields that every line has other names', () => {
    const format = jsonFormat({ time: 'timestamp', level: 'severity', msg: 'message' });
    expect(JSON.parse(format(line({ count: 3 })))).toEqual({
      timestamp: '2026-11-20T19:43:39.071+00:00',
      severity: 'INFO',
      message: 'relist',
      count: 3,
    });
  });
});
