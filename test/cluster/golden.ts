import { expect } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Has the golden files written anew: look at the difference before it is committed. */
const updateVariable = 'UPDATE_GOLDEN';

/** Compares with what `golden/NAME.yaml` has. */
export function expectGolden(name: string, actual: unknown): void {
  const file = join(import.meta.dirname, 'golden', `${name}.yaml`);
  if (process.env[updateVariable]) writeFileSync(file, stringify(actual, { singleQuote: true, lineWidth: 0 }));
  expect(actual).toEqual(parse(readFileSync(file, 'utf8')));
}
