import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');

/** Where each command looks for tests. */
const places: Readonly<Record<string, string>> = {
  'test:unit': '{shared,webhook,sidecar,scripts,test/unit}/**/*.test.ts',
  'test:cluster': 'test/cluster/**/*.test.ts',
  'test:disruptive': 'test/disruptive/**/*.test.ts',
  e2e: 'test/e2e/**/*.test.ts',
};

const commands = [...page.matchAll(/`npm run (test:\w+|e2e) -- ([\w/-]+)`/g)].map(
  ([, command = '', pattern = '']) => [command, pattern] as const,
);

describe('what CONTRIBUTING.md gives to run a kind of test by itself', () => {
  it.each(commands)('finds tests: npm run %s -- %s', (command, pattern) => {
    const files = globSync(places[command] ?? '', { cwd: root });

    expect(files.filter((file) => file.includes(pattern))).not.toEqual([]);
  });

  it('is there for each kind', () => {
    expect(new Set(commands.map(([command]) => command))).toEqual(new Set(Object.keys(places)));
  });
});
