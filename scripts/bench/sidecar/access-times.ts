import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../test/control-plane/leashed-process.ts';

// Any day long ago.
const longAgo = '1980-01-01T00:00:00Z';

/**
 * Tells which files of a folder are read from now on, by their access times: set to a time before they were changed, they move at
 * the first read, on every mount but one with `noatime` (https://man7.org/linux/man-pages/man8/mount.8.html, relatime). Answers a
 * function that counts them, or throws where this mount does not tell.
 */
export async function watchReads(folder: string, scratch: string): Promise<() => number> {
  const control = join(scratch, 'read-by-us');
  writeFileSync(control, 'x');
  // `touch -a` leaves the time of change to the nanosecond, by which a sidecar may look for foreign changes.
  const env = { PATH: '/usr/bin:/bin' };
  const { code, stderr } = await runCommand({
    command: 'find',
    args: [control, folder, '-type', 'f', '-exec', 'touch', '-a', '-d', longAgo, '{}', '+'],
    env,
  });
  if (code !== 0) throw new Error(`find and touch failed: ${stderr.trim()}`);
  readFileSync(control);
  if (!wasRead(control)) throw new Error(`the mount of ${scratch} keeps no access times`);
  return () => readdirSync(folder).filter((name) => !name.startsWith('.') && wasRead(join(folder, name))).length;
}

function wasRead(path: string): boolean {
  return statSync(path).atimeMs !== Date.parse(longAgo);
}
