import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocks, placeOf, strayReasons, type CodeBlock } from './code-blocks.ts';

/** A page of the documents with the commands that it gives to its readers. */
export interface Page {
  path: string;
  blocks: readonly CodeBlock[];
  /** Where it says why a command is not run, though none follows. */
  strayReasons: readonly string[];
}

const documents = ['*.md', '{docs,manifests,.github}/**/*.md'];

/** All pages of a checkout. */
export function readPages(root: string): Page[] {
  const paths = globSync(documents, { cwd: root }).sort();
  return paths.map((path) => readPage(path, readFileSync(join(root, path), 'utf8')));
}

export function readPage(path: string, markdown: string): Page {
  return { path, blocks: codeBlocks(path, markdown), strayReasons: strayReasons(path, markdown) };
}

/** What a test is to run of a page. */
export function runnable({ blocks }: Page): CodeBlock[] {
  return blocks.filter(({ language, notRun }) => language === 'sh' && notRun === undefined);
}

/** What no test runs, and says why. */
export function excused({ blocks }: Page): CodeBlock[] {
  return blocks.filter(({ language, notRun }) => language === 'sh' && notRun !== undefined);
}

/** Commands that would escape a test, and reasons of none: each with its place, and of a command what to write instead. */
export function escaping({ blocks, strayReasons }: Page): string[] {
  const ofBlocks = blocks.flatMap((block) => {
    const problem = problemOf(block);
    return problem === undefined ? [] : [`${placeOf(block)}: ${problem}`];
  });
  return [...ofBlocks, ...strayReasons.map((place) => `${place}: "not run" stands above a command, and here is none`)];
}

/** Names of languages that GitHub colours and that are none of commands. */
const others = ['text', 'yaml', 'json', 'ts'];

function problemOf({ language, notRun }: CodeBlock): string | undefined {
  if (language === undefined) return 'code by indentation: put it into a fence, ```sh for commands';
  if (language === 'sh') return notRun === '' ? 'not run, but why?' : undefined;
  if (notRun !== undefined) return `"not run" is for commands, and this is ${language}`;
  if (others.includes(language)) return undefined;
  return `a fence with ${language === '' ? 'no language' : language}: accepts sh, ${others.join(', ')}`;
}

/**
 * What a page says that a command prints: the text block that follows it with nothing in between. `…` stands for anything within a
 * line, and as a line of its own for any lines.
 */
export function promisedOutput({ blocks }: Page, command: CodeBlock): string | undefined {
  const next = blocks[blocks.indexOf(command) + 1];
  // A closing fence, a blank line, an opening fence.
  const follows = next?.line === command.line + command.text.split('\n').length + 3;
  return follows && next.language === 'text' ? next.text : undefined;
}

/** Whether a command has printed what the page says. */
export function isPromised(printed: string, promised: string): boolean {
  const pattern = promised
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literally).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${printed}\n`);
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
