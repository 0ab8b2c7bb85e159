import fc, { type Arbitrary } from 'fast-check';
import { stringify } from 'yaml';
import { damaged, hostileText } from './hostile-text.ts';

/** The text of a file that should be YAML of such values: as it should be, damaged, or anything. */
export function yamlText(values: Arbitrary<unknown>): Arbitrary<string> {
  const right = values.map((value) => stringify(value));
  const pieces = fc.array(fc.oneof(fc.constantFrom(...fragments), hostileText()), { maxLength: 12 });
  return fc.oneof(
    { arbitrary: right, weight: 4 },
    { arbitrary: damaged(right), weight: 4 },
    { arbitrary: withStructure(right), weight: 3 },
    { arbitrary: pieces.map((list) => list.join('')), weight: 2 },
    hostileText(),
  );
}

/** With something of YAML's own in place of what a line says. */
function withStructure(text: Arbitrary<string>): Arbitrary<string> {
  return fc.tuple(text, fc.nat(), fc.constantFrom(...structures)).map(([given, at, structure]) => {
    const lines = given.split('\n');
    const line = at % lines.length;
    return lines.with(line, `${lines[line]!.replace(/:.*$/, '')}: ${structure}`).join('\n');
  });
}

const structures = [
  ...['&a {label: *a}', '&a [*a]', '&a [[*a], a]', '&a {a: &b [*a, *b]}', '&a [&b {a: *b}]', '{a: {b: c}}', '[[a]]'],
  ...[
    '!!omap [a: b]',
    '!!omap []',
    '!!set {a, b}',
    '!!binary aGVsbG8=',
    '!!timestamp 2020-01-01',
    '!!str 5',
    '!ours b',
  ],
  ...['{? {a: b} : c}', '{? [a] : c}', '{__proto__: {a: b}}', '['.repeat(1500), '{a: '.repeat(1500)],
];

const fragments = [
  ...['kind: Pod\n', 'spec:\n', '  a:\n', '- ', '&a ', '*a', '<<: ', ': ', '\n', '  ', '---\n', '...\n', '%YAML 1.1\n'],
  ...[
    '? ',
    '|\n',
    '>-\n',
    '!!binary ',
    '!!set ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '# ',
    '"',
    "'",
    '~',
    '0o7',
    '2001-01-01',
    '\t',
  ],
  ...['&b [*a,*a,*a,*a,*a,*a,*a,*a]\n', '- *b\n'],
];
