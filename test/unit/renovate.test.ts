import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

interface Rule {
  readonly groupName?: string;
  readonly matchPackageNames?: readonly string[];
  readonly matchFileNames?: readonly string[];
}

interface Configuration {
  readonly ignorePaths: readonly string[];
  readonly packageRules: readonly Rule[];
}

const { ignorePaths, packageRules } = JSON.parse(read('.github/renovate.json')) as Configuration;
const goMods = globSync('test/**/go.mod', { cwd: root });

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function dependencies(): string[] {
  const file = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'];
  const nodeImage = /^ARG NODE_IMAGE=(.*):/m.exec(read('Dockerfile.sidecar'))?.[1] ?? '';
  return [...fields.flatMap((field) => Object.keys(file[field] ?? {})), nodeImage];
}

describe('the rules for updates', () => {
  it('name what we depend on', () => {
    const named = packageRules.flatMap(({ matchPackageNames = [] }) => matchPackageNames);

    expect(named.filter((name) => !dependencies().includes(name))).toEqual([]);
    expect(named).toContain('unrs-resolver');
  });

  it('reach every go.mod, each in one group: what it requires and replaces belongs together', () => {
    const groupsOf = (path: string) =>
      packageRules.filter(({ matchFileNames = [] }) => matchFileNames.some((pattern) => matchesGlob(path, pattern)));

    expect(goMods.filter((path) => groupsOf(path).length !== 1)).toEqual([]);
    expect(goMods.filter((path) => ignorePaths.some((pattern) => matchesGlob(path, pattern)))).toEqual([]);
    expect(goMods.length).toBeGreaterThan(2);
  });
});
