/** What is put in the place of a part of a text. */
export interface TextEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** Of what is put at one place the deepest comes first, as it belongs to what the others come after. */
  readonly depth: number;
}

/** The text with the edits, of which no two overlap; nothing else of it changes, and its line ends are theirs too. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const lineEnd = lineEndOf(text);
  const inOrder = edits.toSorted((one, other) => one.from - other.from || other.depth - one.depth);
  let done = 0;
  const parts = inOrder.map(({ from, to, text: put }) => {
    const before = text.slice(done, from);
    done = to;
    return before + put.replaceAll('\n', lineEnd);
  });
  return parts.join('') + text.slice(done);
}

/** The text with an end of its last line. */
export function withLastLineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : text + lineEndOf(text);
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Where the line ends that `at` is in, behind its line end. */
export function endOfLine(text: string, at: number): number {
  return text.indexOf('\n', at) + 1 || text.length;
}

/** How far the place is from the beginning of its line. */
export function columnOf(text: string, at: number): number {
  const column = at - (text.lastIndexOf('\n', at - 1) + 1);
  return text.startsWith('\uFEFF') && column === at ? column - 1 : column;
}

/** The lines, that many columns to the right. */
export function indent(lines: string, by: number): string {
  return lines.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
