import { styleText } from 'node:util';

/** Where the demo tells what happens; colours only where the output is a terminal that wants them. */
export interface Narrator {
  title(text: string): void;
  line(text?: string): void;
  /** A fact that explains the line above. */
  note(text: string): void;
  added(text: string): void;
  removed(text: string): void;
  good(text: string): void;
  bad(text: string): void;
  /** What could not be judged. */
  unseen(text: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** Prints to a stream such as `process.stdout`. */
export function narrateTo(stream: NodeJS.WriteStream): Narrator {
  const paint = (style: Style, text: string): string => styleText(style, text, { stream });
  const line = (text = ''): void => void stream.write(`${text}\n`);
  return {
    title: (text) => line(`\n${paint('bold', text)}`),
    line,
    note: (text) => line(paint('dim', `  ${text}`)),
    added: (text) => line(paint('green', text)),
    removed: (text) => line(paint('red', text)),
    good: (text) => line(`${paint('green', '✔')} ${text}`),
    bad: (text) => line(`${paint('red', '✘')} ${text}`),
    unseen: (text) => line(`${paint('yellow', '?')} ${text}`),
  };
}
