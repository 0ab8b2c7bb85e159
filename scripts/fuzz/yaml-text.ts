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
    { arbitrary: pieces.map((list) => list.join('')), weight: 2 },
    hostileText(),
  );
}

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
