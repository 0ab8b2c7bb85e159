/** A block of code on a page of the documents. */
export interface CodeBlock {
  /** Path of the page in the repository. */
  page: string;
  /** Of its first line of code, from 1. */
  line: number;
  /** What stands behind the opening fence; undefined for a block that is only indented. */
  language: string | undefined;
  text: string;
  /** Of a command: why no test runs it. */
  notRun?: string;
}

/** Where a person finds a block. */
export function placeOf({ page, line }: CodeBlock): string {
  return `${page}:${line}`;
}

/** The blocks of a page of Markdown, in their order. */
export function codeBlocks(page: string, markdown: string): CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  let at = 0;
  while (at < lines.length) {
    const block = fencedBlock(lines, at) ?? indentedBlock(lines, at);
    if (block) blocks.push({ page, line: block.from + 1, ...block.content, ...reasonAbove(lines, at) });
    at = block?.end ?? at + 1;
  }
  return blocks;
}

/** Where a page says why a command is not run, though none follows: PAGE:LINE. */
export function strayReasons(page: string, markdown: string): string[] {
  const lines = markdown.split('\n');
  const blocks = codeBlocks(page, markdown);
  const isCode = (line: number): boolean => blocks.some((block) => line >= block.line && line < lineBehind(block));
  return lines.flatMap((text, index) => {
    const next = lines.slice(index + 1).find((line) => line.trim() !== '') ?? '';
    const isStray = reason.test(text) && !fence.test(next) && !isCode(index + 1);
    return isStray ? [`${page}:${index + 1}`] : [];
  });
}

function lineBehind({ line, text }: CodeBlock): number {
  return line + text.split('\n').length;
}

const reason = /^ *<!-- not run:(.*)-->$/;
const fence = /^( *)(`{3,}|~{3,})(.*)$/;

interface Found {
  /** Index of the first line of code, and of the first line behind the block. */
  from: number;
  end: number;
  content: Pick<CodeBlock, 'language' | 'text'>;
}

function fencedBlock(lines: readonly string[], at: number): Found | undefined {
  const [, indent = '', marks, language = ''] = fence.exec(lines[at] ?? '') ?? [];
  if (marks === undefined) return undefined;
  const from = at + 1;
  const closing = lines.findIndex((line, index) => index >= from && line.trim() === marks);
  const end = closing === -1 ? lines.length : closing;
  const text = lines.slice(from, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
  return { from, end: end + 1, content: { language: language.trim(), text: text.join('\n') } };
}

/**
 * Code by indentation alone: behind a blank line, and not an entry of a list within a list.
 * https://spec.commonmark.org/0.31.2/#indented-code-blocks
 */
function indentedBlock(lines: readonly string[], at: number): Found | undefined {
  if (at > 0 && lines[at - 1]?.trim() !== '') return undefined;
  const isCode = (line: string | undefined): boolean => line !== undefined && /^ {4,}(?![-*+] |\d+[.)] )\S/.test(line);
  if (!isCode(lines[at])) return undefined;
  const behind = lines.findIndex((line, index) => index > at && !isCode(line));
  const end = behind === -1 ? lines.length : behind;
  const text = lines.slice(at, end).map((line) => line.trimStart());
  return { from: at, end, content: { language: undefined, text: text.join('\n') } };
}

/** What a comment on the line before a block says of it. */
function reasonAbove(lines: readonly string[], at: number): Pick<CodeBlock, 'notRun'> {
  // Prettier puts a blank line between a comment and a fence.
  const above = lines.slice(0, at).findLast((line) => line.trim() !== '');
  const notRun = reason.exec(above ?? '')?.[1];
  return notRun === undefined ? {} : { notRun: notRun.trim() };
}
