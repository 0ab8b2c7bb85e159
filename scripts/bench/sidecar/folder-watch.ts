import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Looks at a folder whenever something happens in it (inotify), so that a file is seen within a fraction of a millisecond. */
export interface FolderWatch extends Disposable {
  /** Resolves with `performance.now()` once the condition holds; undefined when it does not in time. */
  until(holds: () => boolean, timeoutMs: number): Promise<number | undefined>;
}

export function watchFolder(folder: string): FolderWatch {
  const waiting = new Set<() => void>();
  const watcher = watch(folder, () => waiting.forEach((look) => look()));
  return {
    until: (holds, timeoutMs) =>
      new Promise((resolve) => {
        const end = (at: number | undefined): void => {
          waiting.delete(look);
          clearTimeout(timer);
          resolve(at);
        };
        const look = (): void => {
          if (holds()) end(performance.now());
        };
        const timer = setTimeout(() => end(undefined), timeoutMs);
        waiting.add(look);
        look();
      }),
    [Symbol.dispose]: () => watcher.close(),
  };
}

/** Whether a file is there with this content; somebody who writes in place may be in the middle of it. */
export function hasContent(folder: string, name: string, content: string): boolean {
  try {
    return readFileSync(join(folder, name), 'utf8') === content;
  } catch {
    return false;
  }
}

/** Files that the application sees: hidden ones are the program's own. */
export function countFiles(folder: string): number {
  return readdirSync(folder).filter((name) => !name.startsWith('.')).length;
}
