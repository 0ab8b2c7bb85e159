import { describe, expect, it } from '@jest/globals';
import {
  boolean,
  byteSize,
  duration,
  durationUnlessZero,
  factor,
  fileMode,
  filePath,
  folder,
  folders,
  integer,
  oneOf,
  port,
  positiveDuration,
  redactUrl,
  text,
  textEncoding,
  url,
  type Kind,
} from './kind.ts';

/** What a kind makes of texts, and the canonical text of each value. */
function readAll<T>(kind: Kind<T>, texts: readonly string[]): Record<string, [T, string] | undefined> {
  const read = (given: string): [T, string] | undefined => {
    const value = kind.parse(given);
    return value === undefined ? undefined : [value, kind.print(value)];
  };
  return Object.fromEntries(texts.map((given) => [given, read(given)]));
}

describe('kinds of settings', () => {
  it('text is kept as given, white space included', () => {
    expect(readAll(text(), [' a\n', 'b'])).toEqual({ ' a\n': [' a\n', ' a\n'], b: ['b', 'b'] });
  });

  it('a boolean is true or false in any case', () => {
    expect(readAll(boolean, ['true', ' FALSE ', 'True', 'yes', '1', 'constructor'])).toEqual({
      true: [true, 'true'],
      ' FALSE ': [false, 'false'],
      True: [true, 'true'],
      yes: undefined,
      1: undefined,
      constructor: undefined,
    });
  });

  it('an integer is a whole number within its bounds', () => {
    expect(
      readAll(integer({ min: 1, max: 10 }), ['1', ' 10 ', '+5', '0', '11', '1.5', '0x5', '1e1', '5 s', '-3']),
    ).toEqual({
      1: [1, '1'],
      ' 10 ': [10, '10'],
      '+5': [5, '5'],
      0: undefined,
      11: undefined,
      1.5: undefined,
      '0x5': undefined,
      '1e1': undefined,
      '5 s': undefined,
      '-3': undefined,
    });
    expect(integer({ min: 1, max: 10 }).accepts).toBe('a whole number from 1 to 10');
    expect(integer().accepts).toBe('a whole number, at least 0');
    expect(integer().parse('9007199254740993')).toBeUndefined();
  });

  it('a factor is a number that is not negative', () => {
    expect(readAll(factor, ['1.1', '.5', '2.', '+3', '1e-7', '-1', 'NaN', 'Infinity', '2e9'])).toEqual({
      1.1: [1.1, '1.1'],
      '.5': [0.5, '0.5'],
      '2.': [2, '2'],
      '+3': [3, '3'],
      '1e-7': [1e-7, '1e-7'],
      '-1': undefined,
      NaN: undefined,
      Infinity: undefined,
      '2e9': undefined,
    });
  });

  it('a port is a number up to 65535, and a service link counts as unset', () => {
    expect(readAll(port, ['0', '8080', '65536', 'http'])).toEqual({
      0: [0, '0'],
      8080: [8080, '8080'],
      65536: undefined,
      http: undefined,
    });
    expect(port.isUnset?.(' tcp://10.0.0.7:8080')).toBe(true);
    expect(port.isUnset?.('8080')).toBe(false);
  });

  it('a duration is in seconds unless it says otherwise, and at most what a timer can wait', () => {
    expect(
      readAll(duration, ['5', '0.5', '500ms', '2 m', '1H', '0', '1.5s', '2147483647ms', '597h', '-1', '5d', '5 s s']),
    ).toEqual({
      5: [5000, '5s'],
      0.5: [500, '500ms'],
      '500ms': [500, '500ms'],
      '2 m': [120_000, '120s'],
      '1H': [3_600_000, '3600s'],
      0: [0, '0s'],
      '1.5s': [1500, '1500ms'],
      '2147483647ms': [2_147_483_647, '2147483647ms'],
      '597h': undefined,
      '-1': undefined,
      '5d': undefined,
      '5 s s': undefined,
    });
  });

  it('a duration that can not be 0 refuses what rounds to it', () => {
    expect(readAll(positiveDuration, ['1ms', '5', '0', '0.1ms', 'x'])).toEqual({
      '1ms': [1, '1ms'],
      5: [5000, '5s'],
      0: undefined,
      '0.1ms': undefined,
      x: undefined,
    });
  });

  it('a duration for which 0 counts as unset takes no other form of nothing', () => {
    expect(readAll(durationUnlessZero, ['1ms', '0'])).toEqual({ '1ms': [1, '1ms'], 0: undefined });
    expect(['0', ' 0s', '0.0', '1', 'x', '-0'].filter((given) => durationUnlessZero.isUnset?.(given))).toEqual([
      '0',
      ' 0s',
      '0.0',
    ]);
  });

  it('one of a list is found in any case and given as listed', () => {
    expect(readAll(oneOf('WATCH', 'LIST', 'SLEEP'), ['watch', ' List', 'poll'])).toEqual({
      watch: ['WATCH', 'WATCH'],
      ' List': ['LIST', 'LIST'],
      poll: undefined,
    });
    expect(oneOf('WATCH', 'LIST', 'SLEEP').accepts).toBe('WATCH, LIST or SLEEP');
    expect(oneOf('one').accepts).toBe('one');
  });

  it('a file mode is three octal digits', () => {
    expect(readAll(fileMode, ['644', ' 0600 ', '007', '0o644', '888', '64', '4755', '2750', '00644'])).toEqual({
      644: [0o644, '644'],
      ' 0600 ': [0o600, '600'],
      '007': [0o007, '007'],
      888: undefined,
      64: undefined,
      4755: undefined,
      2750: undefined,
      '00644': undefined,
      '0o644': [0o644, '644'],
    });
  });

  it('a folder is an absolute path below the root, normalised', () => {
    expect(readAll(folder, ['/a/b/', ' /a//./b', '/', 'a', '/a/../b', '/.', '/a\0b', '/a/..b'])).toEqual({
      '/a/b/': ['/a/b', '/a/b'],
      ' /a//./b': ['/a/b', '/a/b'],
      '/': undefined,
      a: undefined,
      '/a/../b': undefined,
      '/.': undefined,
      '/a\0b': undefined,
      '/a/..b': ['/a/..b', '/a/..b'],
    });
  });

  it('a path to a file is trimmed', () => {
    expect(readAll(filePath, [' /a/b.sh ', 'b.sh', 'a\0'])).toEqual({
      ' /a/b.sh ': ['/a/b.sh', '/a/b.sh'],
      'b.sh': ['b.sh', 'b.sh'],
      'a\0': undefined,
    });
  });

  it('a URL is an http or https one', () => {
    expect(readAll(url, [' http://a/b ', 'https://u:p@[::1]:8/?q', 'ftp://a', 'a', 'http://'])).toEqual({
      ' http://a/b ': ['http://a/b', 'http://a/b'],
      'https://u:p@[::1]:8/?q': ['https://u:p@[::1]:8/?q', 'https://u:p@[::1]:8/?q'],
      'ftp://a': undefined,
      a: undefined,
      'http://': undefined,
    });
  });

  it('a URL gets into a log without userinfo, query and fragment', () => {
    expect(redactUrl('https://user:word@a.example:8443/reload?token=x#y')).toBe('https://***@a.example:8443/***');
    expect(redactUrl('http://a.example/services/T0/B0/word')).toBe('http://a.example/***');
    expect(redactUrl('http://a.example')).toBe('http://a.example/');
    expect(redactUrl('no URL with a word')).toBe('***');
  });

  it('folders are absolute paths behind commas, all of them', () => {
    expect(readAll(folders, ['/a', ' /a/ , /b//c', '/a,b', ',', '/a,/..'])).toEqual({
      '/a': [['/a'], '/a'],
      ' /a/ , /b//c': [['/a', '/b/c'], '/a,/b/c'],
      '/a,b': undefined,
      ',': undefined,
      '/a,/..': undefined,
    });
  });

  it('an amount of bytes has the suffixes of Kubernetes', () => {
    expect(readAll(byteSize, ['1', '10Mi', '10 mi', '3k', '1.5Mi', '0', '9000000Gi', '-1', 'Mi'])).toEqual({
      1: [1, '1'],
      '10Mi': [10_485_760, '10Mi'],
      '10 mi': [10_485_760, '10Mi'],
      '3k': [3000, '3000'],
      '1.5Mi': undefined,
      0: undefined,
      '9000000Gi': undefined,
      '-1': undefined,
      Mi: undefined,
    });
  });

  it.each([
    ['latin1', 'latin iso8859_1 iso8859-1 ISO_8859-1 L1 cp819 8859 latin--1'],
    ['utf-8', 'utf U8 utf_8 utf8'],
    ['ascii', 'US-ASCII us 646 ANSI_X3.4-1968'],
  ])('the encoding %s has the names that Python takes', (encoding, names) => {
    expect(names.split(' ').map((name) => textEncoding.parse(name))).toEqual(names.split(' ').map(() => encoding));
  });

  it('an encoding has the names that Python takes, and no others', () => {
    expect(readAll(textEncoding, ['latin1', 'ISO-8859-1', 'UTF8', 'us-ascii', 'utf-16', 'constructor'])).toEqual({
      latin1: ['latin1', 'latin1'],
      'ISO-8859-1': ['latin1', 'latin1'],
      UTF8: ['utf-8', 'utf-8'],
      'us-ascii': ['ascii', 'ascii'],
      'utf-16': undefined,
      constructor: undefined,
    });
  });
});
