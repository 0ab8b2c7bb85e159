import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ourCache, type CachePlace } from '../cache-directory.ts';
import type { Engine } from './engine.ts';
import { imageId, nameImage, type Watch } from './image.ts';

export interface KeptBuild extends CachePlace, Watch {
  /** Name of the image. */
  tag: string;
  /** All that the image depends on: the one that is there is kept as long as this stays the same. */
  inputs: readonly (string | Uint8Array)[];
}

export interface BuiltOrKept {
  id: string;
  /** false: it was there. */
  built: boolean;
}

/** What is remembered of an image. */
export interface ImageRecord {
  /** Digest of what it was built from. */
  inputs: string;
  id: string;
  archiveBytes?: number;
  gzipBytes?: number;
}

/**
 * Has an image built by `build`, which answers its id, unless the engine still has the one that was built from the same inputs. Engines have
 * caches too, but buildah's copies the whole image for every instruction where the storage is vfs.
 */
export async function buildUnlessKept(
  engine: Engine,
  kept: KeptBuild,
  build: () => Promise<string>,
): Promise<BuiltOrKept> {
  const { tag, signal } = kept;
  const inputs = digest(kept.inputs);
  const record = (await readRecords(engine, kept))[tag];
  if (record?.inputs === inputs && (await imageId(engine, record.id, signal)) !== undefined) {
    // Whoever builds the same name elsewhere takes it away from the image that is here.
    if ((await imageId(engine, tag, signal)) !== record.id) await nameImage(engine, { ...record, name: tag }, kept);
    return { id: record.id, built: false };
  }
  const id = await build();
  await keepRecord(engine, tag, { ...kept, record: { inputs, id } });
  return { id, built: true };
}

/** What is remembered of the engine's images, by name. */
export async function readRecords(engine: Engine, place: CachePlace): Promise<Record<string, ImageRecord>> {
  try {
    return JSON.parse(await readFile(recordFile(engine, place), 'utf8')) as Record<string, ImageRecord>;
  } catch {
    // Not there yet, or not ours: then all is built anew.
    return {};
  }
}

/** Remembers what is known of an image. */
export async function keepRecord(
  engine: Engine,
  image: string,
  { record, ...place }: CachePlace & { record: ImageRecord },
): Promise<void> {
  const path = recordFile(engine, place);
  const records = { ...(await readRecords(engine, place)), [image]: record };
  await mkdir(dirname(path), { recursive: true });
  // Of two at the same time one may be forgotten, and half a file counts as none: the images are built once more then.
  await writeFile(path, `${JSON.stringify(records, null, 2)}\n`);
}

function recordFile({ name }: Engine, place: CachePlace): string {
  return join(ourCache(place), `images-of-${name}.json`);
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  // Each part by its own digest, so that what goes from one to the next is not the same.
  for (const part of parts) hash.update(createHash('sha256').update(part).digest());
  return hash.digest('hex');
}
