import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder and those above it that are missing. (Node's own `recursive` never ends in /proc.) */
export function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  makeFolder(path);
}

/**
 * Makes a folder that every user may enter and read, whatever the umask: the application has another uid. A volume with an fsGroup
 * passes its group on by the setgid bit, which must stay.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    // Somebody else was faster, such as another sidecar of the pod.
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    throw error;
  }
  chmodSync(path, 0o755 | (statSync(path).mode & 0o2000));
}
