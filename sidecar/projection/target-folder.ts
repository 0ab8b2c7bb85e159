import { posix } from 'node:path';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import { contains } from './file-path.ts';
import type { OutsideFolders } from './outside-folders.ts';
import { ownPrefix } from './own-prefix.ts';

/** Which folder an object's files go to. */
export interface FolderRules {
  /** The path of FOLDER as the application sees it. */
  readonly appFolder: string;
  readonly folderAnnotation: string;
  /** Whether every namespace has a folder of its own in FOLDER. */
  readonly folderPerNamespace: boolean;
  readonly outside: OutsideFolders;
}

/** A folder: relative to FOLDER, or absolute where it lies outside. Or why there is none. */
export type TargetFolder = { readonly folder: string } | { readonly fault: string };

/**
 * The folder for an object's files: FOLDER, or its namespace's own folder in it, unless its annotation names another one. A relative
 * annotation stays in that folder; an absolute one means the path as the application sees it, and leads where it is allowed to.
 */
export function targetFolder({ metadata }: KubernetesObject, rules: FolderRules): TargetFolder {
  const own = rules.folderPerNamespace ? (metadata.namespace ?? '.') : '.';
  const given = metadata.annotations?.[rules.folderAnnotation]?.trim() ?? '';
  const folder = given.startsWith('/')
    ? absoluteTarget(stripSlash(posix.normalize(given)), own, rules)
    : relativeTarget(given, own);
  const usable = folder?.split('/').every((part) => !part.startsWith(ownPrefix) && !part.includes('\0'));
  return folder !== null && usable ? { folder: stripSlash(folder) } : { fault: faultOf(given, own, rules) };
}

function relativeTarget(given: string, own: string): string | null {
  const below = posix.join('.', given);
  return /^\.\.(\/|$)/.test(below) ? null : posix.join(own, below);
}

/** FOLDER/<namespace> may be left by an absolute path only where every folder, or FOLDER by name, is allowed. */
function absoluteTarget(given: string, own: string, { appFolder, outside }: FolderRules): string | null {
  if (given.includes('\0')) return null;
  if (!contains(appFolder, given)) return outside.locate(given);
  const allowed = [posix.join(appFolder, own), ...(outside.allowed ?? ['/'])];
  return allowed.some((folder) => contains(folder, given)) ? posix.relative(appFolder, given) || '.' : null;
}

function stripSlash(folder: string): string {
  return folder.length > 1 && folder.endsWith('/') ? folder.slice(0, -1) : folder;
}

// The value may be 256 KiB long; the beginning is enough to recognise it.
const longestShown = 200;

function faultOf(given: string, own: string, { appFolder, folderAnnotation, outside }: FolderRules): string {
  const value = JSON.stringify(given.length > longestShown ? `${given.slice(0, longestShown)}…` : given);
  const folders = [posix.join(appFolder, own), ...(given.startsWith('/') ? (outside.allowed ?? []) : [])];
  const goal =
    given.startsWith('/') && outside.allowed === null ? 'no folder for files' : `no folder in ${folders.join(', ')}`;
  return `its annotation ${folderAnnotation}, ${value}, names ${goal}`;
}
