import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Commands for a test that stand alone in a PATH, and write down how they are called. */
export interface FakeCommands {
  /** The folder, which is the whole PATH. */
  path: string;
  /** Adds a command: the lines of a shell script. */
  add(name: string, script?: string): void;
  /** The command lines so far, of those that were added; of one of them, if it is named. */
  calls(name?: string): string[];
}

/** Makes a PATH in `folder` with the machine's own `real` commands, to which a test adds its fakes. */
export function fakeCommands(folder: string, real: readonly string[]): FakeCommands {
  const path = join(folder, 'bin');
  const log = join(folder, 'calls');
  mkdirSync(path);
  writeFileSync(log, '');
  for (const name of real)
    symlinkSync(existsSync(`/bin/${name}`) ? `/bin/${name}` : `/usr/bin/${name}`, join(path, name));
  return {
    path,
    add: (name, script = '') =>
      writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >> '${log}'\n${script}\n`, { mode: 0o755 }),
    calls: (name) => {
      const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
      return name === undefined ? lines : lines.filter((line) => line.startsWith(`${name} `));
    },
  };
}
