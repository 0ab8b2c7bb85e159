import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Stage } from './changes.ts';
import { welcome } from './changes.ts';

export interface Reading {
  reads: number;
  partial: number;
  versions: number;
}

// Large enough that a write in place would be seen half done.
const bytes = 256 * 1024;

/** Rewrites a file many times through the cluster while a reader reads it without pause. */
export async function readWhileRewritten({ objects, folder, signal }: Stage, rewrites: number): Promise<Reading> {
  const path = join(folder, 'welcome.json');
  const reading: Reading = { reads: 0, partial: 0, versions: 0 };
  const seen = new Set<string>();
  let writing = true;
  const writer = (async () => {
    for (let version = 0; version < rewrites && !signal.aborted; version++) {
      const data = { 'welcome.json': String.fromCharCode(65 + (version % 26)).repeat(bytes) };
      await objects.replace({ ...welcome, data });
    }
  })().finally(() => (writing = false));
  while (writing) {
    const content = readFileSync(path, 'latin1');
    const whole = content.length === bytes && content === content.charAt(0).repeat(bytes);
    reading.reads++;
    if (!whole && content !== welcome.data?.['welcome.json']) reading.partial++;
    seen.add(content.charAt(0));
    await turn();
  }
  await writer;
  reading.versions = seen.size;
  return reading;
}
