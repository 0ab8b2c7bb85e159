import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { images } from '../../scripts/images/build-images.ts';

const root = join(import.meta.dirname, '../..');
const paths = globSync('.github/workflows/*.yaml', { cwd: root }).sort();

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly permissions?: object;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
  readonly strategy?: { readonly matrix: { readonly include: readonly object[] } };
}

interface Workflow {
  readonly permissions: object;
  readonly concurrency: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function jobsOf(path: string): [string, Job][] {
  return Object.entries((parse(read(path)) as Workflow).jobs);
}

function stepsOf(path: string): Step[] {
  return jobsOf(path).flatMap(([, { steps = [] }]) => steps);
}

function commandsOf(path: string): string {
  return stepsOf(path)
    .map(({ run = '' }) => run)
    .join('\n');
}

describe.each(paths)('%s', (path) => {
  it('says first that nobody has seen it run', () => {
    expect(read(path).split('\n')[0]).toBe('# Not yet run on GitHub.');
  });

  it('gives each job the permissions that it names and no other, and an end', () => {
    expect(parse(read(path))).toMatchObject({ permissions: {}, concurrency: { group: expect.any(String) } });
    const unlimited = jobsOf(path).filter(
      ([, { uses, ...job }]) => !job.permissions || !(uses ?? job['timeout-minutes']),
    );
    expect(unlimited.map(([name]) => name)).toEqual([]);
  });

  it('names actions by their major version', () => {
    const actions = stepsOf(path).flatMap(({ uses = [] }) => uses);
    const others = actions.filter((action) => !/^[\w-]+\/[\w/-]+@v\d+$/.test(action));

    // It has no tag of its major version.
    expect(others.filter((action) => action !== 'sigstore/cosign-installer@v4.1.2')).toEqual([]);
    expect(actions.length).toBeGreaterThan(0);
  });

  it('leaves no credentials in the checkout', () => {
    const checkouts = stepsOf(path).filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));

    for (const checkout of checkouts) expect(checkout.with).toEqual({ 'persist-credentials': false });
  });

  it('runs npm scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const names = [...commandsOf(path).matchAll(/npm run (?:--\S+ )*([\w:-]+)/g)].map(([, name = '']) => name);

    expect(names.filter((name) => !(name in scripts))).toEqual([]);
    expect(names).not.toEqual([]);
  });

  it('puts no text that somebody else chooses into a command', () => {
    expect(commandsOf(path)).not.toContain('${{');
  });
});

describe('the workflows', () => {
  it('are checks of pull requests, and the release', () => {
    expect(paths.map((path) => basename(path))).toEqual(['ci.yaml', 'release.yaml']);
  });

  it('run as checks what .ci/run runs', () => {
    const commands = [...read('.ci/run').matchAll(/^run (npm .*)$/gm)].map(([, command = '']) => command);

    expect(commands).toHaveLength(2);
    for (const command of commands) expect(commandsOf('.github/workflows/ci.yaml')).toContain(command);
  });

  it('release both images', () => {
    const { strategy } = Object.fromEntries(jobsOf('.github/workflows/release.yaml')).images ?? {};
    const both = Object.values(images).map(({ repository, dockerfile }) => ({ image: repository, dockerfile }));

    expect(strategy?.matrix.include).toEqual(both);
  });
});
