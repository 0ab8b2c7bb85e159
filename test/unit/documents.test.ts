import { describe, expect, it } from '@jest/globals';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  escaping,
  excused,
  isPromised,
  promisedOutput,
  readPage,
  readPages,
  runnable,
  type Page,
} from '../documents/page-blocks.ts';
import { makeReadersMachine } from '../documents/readers-machine.ts';
import { runBlocks } from '../documents/run-blocks.ts';
import { scratchFolder } from '../scratch-folder.ts';

const pages = readPages(join(import.meta.dirname, '../..'));

describe('the documents', () => {
  it.each(pages)('have no command that a test neither runs nor is told why not: $path', (page) => {
    expect(escaping(page)).toEqual([]);
  });

  it('are found, those of the manifests and of docs too', () => {
    const paths = pages.map(({ path }) => path);

    expect(paths).toEqual(expect.arrayContaining(['README.md', 'docs/platform.md', 'docs/bench/README.md']));
  });

  it('of the first page can be pasted: no block of commands has more than 15 lines', () => {
    const blocks = pages.filter(({ path }) => path === 'README.md').flatMap(runnable);

    expect(blocks.length).toBeGreaterThanOrEqual(3);
    expect(blocks.filter(({ text }) => text.split('\n').length > 15)).toEqual([]);
  });
});

/** A page of these lines. */
function pageOf(...lines: string[]): Page {
  return readPage('a.md', lines.join('\n'));
}

describe('the blocks of a page', () => {
  it('are commands to run, commands that say why not, and others', () => {
    const page = pageOf(
      ...['Text.', '', '```sh', 'one', 'two', '```', ''],
      ...['<!-- not run: needs a cloud -->', '', '```sh', 'three', '```', '', '```yaml', 'a: 1', '```'],
    );

    expect(runnable(page)).toEqual([{ page: 'a.md', line: 4, language: 'sh', text: 'one\ntwo' }]);
    expect(excused(page)).toEqual([{ page: 'a.md', line: 11, language: 'sh', text: 'three', notRun: 'needs a cloud' }]);
    expect(escaping(page)).toEqual([]);
  });

  it('may stand in a list, whose indentation is not theirs', () => {
    const page = pageOf('- Text:', '', '  ```sh', '  if true; then', '    one', '  fi', '  ```');

    expect(runnable(page)).toMatchObject([{ line: 4, text: 'if true; then\n  one\nfi' }]);
  });

  it.each([
    [['', '    kubectl get pods'], 'a.md:2: code by indentation: put it into a fence, ```sh for commands'],
    [['- Text:', '', '      kubectl get'], 'a.md:3: code by indentation: put it into a fence, ```sh for commands'],
    [['```', 'ls', '```'], 'a.md:2: a fence with no language: accepts sh, text, yaml, json, ts'],
    [['```bash', 'ls', '```'], 'a.md:2: a fence with bash: accepts sh, text, yaml, json, ts'],
    [['<!-- not run: -->', '', '```sh', 'ls', '```'], 'a.md:4: not run, but why?'],
    [['<!-- not run: it is -->', '```yaml', 'a: 1', '```'], 'a.md:3: "not run" is for commands, and this is yaml'],
    [['<!-- not run: it is -->', '', 'Text.'], 'a.md:1: "not run" stands above a command, and here is none'],
    [['Text.', '<!-- not run: it is -->'], 'a.md:2: "not run" stands above a command, and here is none'],
  ])('are refused where they would escape: %j', (lines, problem) => {
    expect(escaping(pageOf(...lines))).toEqual([problem]);
  });

  it('may show such a reason themselves', () => {
    expect(escaping(pageOf('```text', '<!-- not run: it is -->', 'Text.', '```'))).toEqual([]);
  });

  it('are no entries of a list within a list', () => {
    expect(pageOf('1. a', '', '    - b', '', '    2. c').blocks).toEqual([]);
  });
});

describe('what a command prints, by its page', () => {
  const page = pageOf(
    ...['```sh', 'one', '```', '', '```text', 'ready', '```', '', '```sh', 'two', '```', '', 'Then:'],
  );

  it('is the text right behind it', () => {
    expect(runnable(page).map((block) => promisedOutput(page, block))).toEqual(['ready', undefined]);
  });

  it.each([
    ['a\nb', 'a\nb', true],
    ['a\nb', 'a', false],
    ['took 3.1 s', 'took … s', true],
    ['took 3.1 min', 'took … s', false],
    ['a\nb\nc\nd', 'a\n…\nd', true],
    ['a\nb', 'b\n…', false],
    ['a.b', 'a?b', false],
  ])('may have … for what differs: %j is %j: %s', (printed, promised, is) => {
    expect(isPromised(printed, promised)).toBe(is);
  });
});

describe('the commands of a page', () => {
  const env = { PATH: process.env.PATH };
  const signal = AbortSignal.timeout(20_000);
  const run = async (lines: readonly string[]): Promise<string[]> => {
    using scratch = scratchFolder();
    return await runBlocks(runnable(pageOf(...lines)), { cwd: scratch.path, folder: scratch.path, env, signal });
  };

  it('run in one shell, in their order', async () => {
    const lines = [
      '```sh',
      'mkdir b && cd b',
      'name=c',
      '```',
      '',
      '```sh',
      'echo "$name" >d',
      'printf %s "$(ls)"',
      '```',
    ];

    expect(await run(lines)).toEqual(['', 'd']);
  });

  it('end with the first that fails, which is named with all that it printed', async () => {
    const lines = [
      '```sh',
      'true',
      '```',
      '',
      '```sh',
      'echo before',
      'ls /not-there 2>/dev/null',
      'echo behind',
      '```',
    ];

    await expect(run(lines)).rejects.toThrow(/^a\.md:6 ended with status \d; it printed:\nbefore$/);
  });

  it.each(['exit 0', 'echo "$not_there"'])('fail where one ends the shell: %s', async (command) => {
    const lines = ['```sh', command, '```', '', '```sh', 'true', '```'];

    await expect(run(lines)).rejects.toThrow(/^a\.md:2 ended with status \d/);
  });

  it('have no input', async () => {
    expect(await run(['```sh', 'cat', '```'])).toEqual(['']);
  });

  it('are killed when their time is over', async () => {
    using scratch = scratchFolder();
    const options = { cwd: scratch.path, folder: scratch.path, env, signal: AbortSignal.timeout(300) };

    const running = runBlocks(runnable(pageOf('```sh', 'sleep 1000', '```')), options);

    await expect(running).rejects.toThrow('a.md:2 did not end in time; it printed:\n');
  });
});

describe('who reads the documents', () => {
  it('has a copy of the checkout to change, its packages, and the programs by their names', async () => {
    using scratch = scratchFolder();
    const root = join(scratch.path, 'checkout');
    for (const folder of ['.git', 'docs/.github', 'node_modules/yaml'])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'docs/a.md'), 'as it was');
    const folder = join(scratch.path, 'reader');
    mkdirSync(folder);
    const programs = { kubectl: '/bin/echo' };
    const machine = await makeReadersMachine({
      folder,
      root,
      kubeconfig: '/k',
      programs,
      path: process.env.PATH ?? '',
    });
    const page = pageOf('```sh', 'echo changed >docs/a.md', 'ls node_modules', 'kubectl "$KUBECONFIG"', '```');

    const printed = await runBlocks(runnable(page), { ...machine, signal: AbortSignal.timeout(20_000) });

    expect(printed).toEqual(['yaml\n/k']);
    expect(readFileSync(join(root, 'docs/a.md'), 'utf8')).toBe('as it was');
    expect(readdirSync(machine.cwd).sort()).toEqual(['docs', 'node_modules']);
  });
});
