import type { PodSettings } from './pod-settings.ts';

/** The distinct folders of a pod's syncs, as the application sees them. */
export function distinctFolders({ syncs }: PodSettings): string[] {
  return [...new Set(syncs.map(({ settings }) => settings.FOLDER))];
}

/** Why the folders can't be mounted beside each other, or null: a mount within another one would hide a part of it. */
export function nestedFoldersFault(folders: readonly string[]): string | null {
  for (const outer of folders) {
    const inner = folders.find((folder) => folder !== outer && isWithin(folder, outer));
    if (inner)
      return `the folder ${inner} lies within the folder ${outer} of another sync; give them folders side by side`;
  }
  return null;
}

/** Whether a path is a folder or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
