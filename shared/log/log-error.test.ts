import { describe, expect, it } from '@jest/globals';
import { AssertionError } from 'node:assert';
import { describeError, placesOf } from './log-error.ts';

class PathTakenError extends Error {}

/** Without the places, which change with every edit. */
function describeWithoutStack(error: unknown): unknown {
  return JSON.parse(
    JSON.stringify(describeError(error), (key, value: unknown) => (key === 'stack' ? undefined : value)),
  );
}

describe('describeError', () => {
  it('tells type, message, code and causes', () => {
    const refused = Object.assign(new TypeError('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(describeWithoutStack(new PathTakenError('no file', { cause: refused }))).toEqual({
      type: 'PathTakenError',
      message: 'no file',
      cause: { type: 'TypeError', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
    });
  });

  it('tells what an AggregateError gathers', () => {
    expect(describeWithoutStack(new AggregateError([new Error('a'), 'b'], 'several'))).toEqual({
      type: 'AggregateError',
      message: 'several',
      errors: [
        { type: 'Error', message: 'a' },
        { type: 'string', message: 'not an error' },
      ],
    });
  });

  it('tells where an error was thrown that only a defect throws, without the message, which may have many lines', () => {
    for (const error of [
      new TypeError('one\ntwo'),
      new RangeError('one\ntwo'),
      new AssertionError({ message: 'two' }),
    ]) {
      const { stack } = describeError(error);
      expect(stack).toMatch(/^at [^]*log-error\.test\.ts/);
      expect(stack).not.toContain('two');
    }
    expect(describeError(new Error('it failed', { cause: new TypeError('x') })).cause?.stack).toMatch(/^at /);
  });

  it.each([
    new PathTakenError('taken'),
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    new Error('it failed'),
    new SyntaxError('malformed'),
  ])('tells no places of what fails every day: %s', (error) => {
    expect(describeError(error)).not.toHaveProperty('stack');
  });

  it('knows the places of every error, for who asks', () => {
    expect(placesOf(new PathTakenError('one\ntwo'))).toMatch(/^at .*log-error\.test\.ts/);
    expect(placesOf('no error')).toBe('');
  });

  it('tells nothing else that an error carries', () => {
    const error = Object.assign(new Error('Parse Error'), { rawPacket: Buffer.from('secret'), path: '/hook/secret' });
    expect(describeWithoutStack(error)).toEqual({ type: 'Error', message: 'Parse Error' });
  });

  it('leaves out the message of a parser, which quotes what it read', () => {
    const parse = (): unknown => JSON.parse('{"a": secret}');
    expect(parse).toThrow('secret');
    try {
      parse();
    } catch (cause) {
      expect(describeWithoutStack(new Error('no usable answer', { cause }))).toEqual({
        type: 'Error',
        message: 'no usable answer',
        cause: { type: 'SyntaxError', message: 'it is not well-formed' },
      });
    }
  });

  it('ends although a cause is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/round/g)?.length).toBeLessThan(10);
  });

  it('knows the reason of an abort', () => {
    expect(describeWithoutStack(AbortSignal.abort().reason)).toMatchObject({ type: 'AbortError' });
  });
});
