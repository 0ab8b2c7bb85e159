import { posix } from 'node:path';
import type { KubernetesObject } from '../shared/kubernetes/object.ts';
import type { ResourceKind } from './source.ts';
import { targetFolder, type FolderRules } from './target-folder.ts';
import { ownPrefix } from './volume.ts';

/** A file that an object claims: its path (see file-path.ts), what is in it, and its permission bits. */
export interface FileProjection {
  readonly path: string;
  readonly content: Buffer;
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

interface Projection {
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
  const contents = [...contentsOf(kind, object)];
  const usable = contents.filter(({ key }) => isFileName(key) && !key.endsWith('.url'));
  return {
    ...(object.metadata.annotations?.[rules.folderAnnotation] !== undefined && { folder }),
    files: usable.map(({ key, content }) => ({
      path: posix.join(folder, rules.uniqueFilenames ? uniqueName(kind, object, key) : key),
      content,
      mode: rules.mode,
    })),
    faults: contents.filter((item) => !usable.includes(item)).map(({ key }) => ({ key, fault: keyFault(key) })),
  };
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

function keyFault(key: string): string {
  return key.endsWith('.url') ? 'keys that end in .url (downloads) are not supported' : 'is no valid file name';
}

function uniqueName(kind: ResourceKind, { metadata }: KubernetesObject, key: string): string {
  return `namespace_${metadata.namespace ?? ''}.${kind}_${metadata.name}.${key}`;
}
