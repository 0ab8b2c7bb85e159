import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/system-error.ts';

/** A text, or why there is none. */
export type ReadText = { readonly text: string } | { readonly faults: readonly string[] };

/** The text of a file. */
export async function readText(path: string): Promise<ReadText> {
  try {
    return textOf(await readFile(path), path);
  } catch (error) {
    const code = systemErrorCode(error);
    return { faults: [`${path} ${faults[code] ?? `can't be read (${code})`}`] };
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder; name one file, or - for stdin',
  EACCES: 'may not be read by this user',
};

/** The text that some bytes of `title` are. Nothing is guessed: in other encodings they would be other words, or none. */
export function textOf(bytes: Uint8Array, title: string): ReadText {
  try {
    // A byte order mark is part of what is printed again.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { faults: [`${title} is not UTF-8${isUtf16(bytes) ? ' but UTF-16' : ''}: save it as UTF-8`] };
  }
}

/** By its byte order mark. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
