import fc, { type Arbitrary } from 'fast-check';

/** Text that a parser may stumble over: empty, long, of any characters, or of those that mean something somewhere. */
export function hostileText(): Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...meaningful), maxLength: 30 }),
    fc.constantFrom(...known),
    // What is tried again from every place takes the square of this.
    fc
      .tuple(
        fc.constantFrom('', '{{', 'a=', 'x,'),
        fc.constantFrom(...meaningful, 'ab', '1.', 'a,', '(('),
        fc.nat(20_000),
      )
      .map(([start, part, count]) => start + part.repeat(count)),
    // Names by the hundred, as lists have them.
    fc.nat(2000).map((count) => Array.from({ length: count }, (_, index) => index.toString(36)).join()),
  );
}

/** Somewhat changed: letters left out, doubled, put in. */
export function damaged(text: Arbitrary<string>): Arbitrary<string> {
  const change = fc.record({ at: fc.nat(), length: fc.nat(3), put: fc.oneof(fc.constant(''), hostileText()) });
  return fc.tuple(text, fc.array(change, { minLength: 1, maxLength: 3 })).map(([given, changes]) =>
    changes.reduce((result, { at, length, put }) => {
      const from = at % (result.length + 1);
      return result.slice(0, from) + put + result.slice(from + length);
    }, given),
  );
}

const meaningful = [...' \t\n\r\0,;:.=!()[]{}<>/\\"\'`$%&|*?+-_~^#@0aZ', '\u2028', '\u{1F4A9}', '\uD800', 'é'];

const known = [
  '__proto__',
  'constructor',
  'toString',
  'true',
  'null',
  '-1',
  '1e999',
  'NaN',
  '$(LABEL)',
  '../../etc/passwd',
  '//',
  'https://user:password@example.com/',
  'http://[::1',
  'a in (b, c),!d',
];
