import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setImmediate as turn } from 'node:timers/promises';
import { bareEnvironment, startProcess } from '../control-plane/leashed-process.ts';

/** What a reader that does nothing else has seen. */
export interface Reading {
  reads: number;
  /** Paths of files that were neither the old nor the new content, but part of one or a mixture. */
  partial: string[];
}

export interface BusyReader {
  stop(): Promise<Reading>;
}

const contentBytes = 8000;

/** Eight digits, over and over, so that a part of one version and a mixture of two are neither. */
export function contentOf(version: number): string {
  return String(version)
    .padStart(8, '0')
    .repeat(contentBytes / 8);
}

/** Starts a process that reads every file of the folders without pause until it is stopped. */
export async function startBusyReader(folders: readonly string[]): Promise<BusyReader> {
  const lines: string[] = [];
  const reader = await startProcess({
    command: process.execPath,
    args: [fileURLToPath(import.meta.url), ...folders],
    env: bareEnvironment('/'),
    onLine: (line) => lines.push(line),
  });
  return {
    stop: async () => {
      await reader.stop();
      return JSON.parse(lines.join('')) as Reading;
    },
  };
}

async function readUntilStopped(folders: readonly string[]): Promise<void> {
  const reading: Reading = { reads: 0, partial: [] };
  let stopped = false;
  process.once('SIGTERM', () => (stopped = true));
  while (!stopped) {
    for (const path of folders.flatMap(visibleFiles)) {
      const content = readOrNothing(path);
      if (content === undefined) continue;
      reading.reads++;
      if (content !== contentOf(Number(content.slice(0, 8)))) reading.partial.push(path);
    }
    await turn();
  }
  console.log(JSON.stringify(reading));
}

function visibleFiles(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.map((name) => join(folder, name));
}

/** A file may go between its listing and its reading. */
function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await readUntilStopped(process.argv.slice(2));
