import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ChangeScene } from './changes.ts';
import { welcome } from './changes.ts';

export interface Reading {
  reads: number;
  partial: number;
  /** How many of the versions were read whole; the reader may miss one that lasts for less than a read. */
  versions: number;
}

// Large enough that a write in place would be seen half done.
const bytes = 256 * 1024;
const numberLength = 8;

/** Rewrites a file many times through the cluster while a reader reads it without pause. */
export async function readWhileRewritten({ objects, folder, signal }: ChangeScene, rewrites: number): Promise<Reading> {
  const path = join(folder, 'welcome.json');
  const reading: Reading = { reads: 0, partial: 0, versions: 0 };
  const seen = new Set<string>();
  let writing = true;
  const writer = (async () => {
    for (let version = 1; version <= rewrites && !signal.aborted; version++) {
      await objects.replace({ ...welcome, data: { 'welcome.json': contentOf(version) } });
    }
  })().finally(() => (writing = false));
  while (writing) {
    const content = readFileSync(path, 'latin1');
    reading.reads++;
    if (isWhole(content)) seen.add(content);
    else if (content !== welcome.data?.['welcome.json']) reading.partial++;
    await turn();
  }
  await writer;
  reading.versions = seen.size;
  return reading;
}

/** The version's number, over and over, so that a mixture of two versions is neither. */
function contentOf(version: number): string {
  return String(version)
    .padStart(numberLength, '0')
    .repeat(bytes / numberLength);
}

function isWhole(content: string): boolean {
  return content === content.slice(0, numberLength).repeat(bytes / numberLength);
}
