import { posix } from 'node:path';
import type { KubernetesObject } from '../../shared/kubernetes/object.ts';
import type { ResourceKind } from '../source/source.ts';
import { targetFolder, type FolderRules } from './target-folder.ts';
import { ownPrefix } from './own-prefix.ts';

/** A file that an object claims: its path (see file-path.ts), its permission bits, and what is in it or where that is to be had. */
export type FileProjection = ContentFile | DownloadFile;

export interface ContentFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

export interface DownloadFile {
  readonly path: string;
  /** May have credentials in it. */
  readonly url: string;
  readonly mode: number;
}

/** Why an object, or one key of it, gives no file. */
export interface ProjectionFault {
  readonly key?: string;
  readonly fault: string;
}

/** How a sync's objects become files. */
export interface ProjectionRules extends FolderRules {
  readonly uniqueFilenames: boolean;
  readonly mode: number;
}

/** What an object claims. */
export interface Projection {
  /** Where the files go, if the object says so itself. */
  readonly folder?: string;
  readonly files: readonly FileProjection[];
  readonly faults: readonly ProjectionFault[];
}

/** The files that a ConfigMap or a Secret claims: one for each key of `data` and `binaryData`. */
export function project(kind: ResourceKind, object: KubernetesObject, rules: ProjectionRules): Projection {
  const target = targetFolder(object, rules);
  if ('fault' in target) return { files: [], faults: [target] };
  const { folder } = target;
  const files: FileProjection[] = [];
  const faults: ProjectionFault[] = [];
  for (const { key, content } of contentsOf(kind, object)) {
    const fault = keyFault(key, content, object);
    if (fault !== null) {
      faults.push({ key, fault });
      continue;
    }
    const name = fileName(key);
    const path = posix.join(folder, rules.uniqueFilenames ? uniqueName(kind, object, name) : name);
    const { mode } = rules;
    files.push(isDownload(key) ? { path, url: urlOf(content), mode } : { path, content, mode });
  }
  const isAnnotated = object.metadata.annotations?.[rules.folderAnnotation] !== undefined;
  return { ...(isAnnotated && { folder }), files, faults };
}

const urlSuffix = '.url';

function isDownload(key: string): boolean {
  return key.endsWith(urlSuffix);
}

function fileName(key: string): string {
  return isDownload(key) ? key.slice(0, -urlSuffix.length) : key;
}

function urlOf(content: Buffer): string {
  return content.toString('utf8').trim();
}

/** Why a key gives no file; null if it does. Says nothing of the value, which may have credentials in it. */
function keyFault(key: string, content: Buffer, object: KubernetesObject): string | null {
  const name = fileName(key);
  if (!isFileName(key) || !isFileName(name)) return 'is no valid file name';
  if (!isDownload(key)) return null;
  if (hasKey(object, name)) return `gives way to the key ${name}, which names the same file`;
  const url = URL.parse(urlOf(content));
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  return isWeb ? null : 'has to be an http or https URL, as its name ends in .url';
}

function hasKey({ data, binaryData }: KubernetesObject, key: string): boolean {
  return [data, binaryData].some((field) => stringEntries(field).some(([name]) => name === key));
}

/** `data` of a ConfigMap is text; `binaryData`, and `data` of a Secret, are base64. */
function* contentsOf(kind: ResourceKind, object: KubernetesObject): Generator<{ key: string; content: Buffer }> {
  const encoding = kind === 'secret' ? 'base64' : 'utf8';
  for (const [key, value] of stringEntries(object.data)) yield { key, content: Buffer.from(value, encoding) };
  if (kind === 'secret') return;
  for (const [key, value] of stringEntries(object.binaryData)) yield { key, content: Buffer.from(value, 'base64') };
}

function stringEntries(field: unknown): [string, string][] {
  if (typeof field !== 'object' || field === null) return [];
  return Object.entries(field).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
}

/**
 * The API server allows `[-._a-zA-Z0-9]+` without a leading `..`; a double check, as the key becomes part of a path. Who may write a
 * ConfigMap could replace our ownership record by a key of its name.
 */
function isFileName(key: string): boolean {
  return /^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && !key.startsWith('..') && !key.startsWith(ownPrefix);
}

function uniqueName(kind: ResourceKind, { metadata }: KubernetesObject, key: string): string {
  return `namespace_${metadata.namespace ?? ''}.${kind}_${metadata.name}.${key}`;
}
