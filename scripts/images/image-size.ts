import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';
import { ourCache, type CachePlace } from '../cache-directory.ts';
import type { Engine } from './engine.ts';
import { saveImage, type NamedImage, type Watch } from './image.ts';
import { keepRecord, readRecords } from './kept-build.ts';

export interface ImageSize {
  /** Of the archive of the image, whose layers are not compressed. */
  archiveBytes: number;
  /** Of the same with gzip, which is about what a node pulls. */
  gzipBytes: number;
}

/** How large an image is; measured once for each that is built. */
export async function measureImage(engine: Engine, image: NamedImage, options: CachePlace & Watch): Promise<ImageSize> {
  const { id, name } = image;
  const record = (await readRecords(engine, options))[name];
  if (record?.id !== id) return measureArchive(engine, image, options);
  const { archiveBytes, gzipBytes } = record;
  if (archiveBytes !== undefined && gzipBytes !== undefined) return { archiveBytes, gzipBytes };
  const size = await measureArchive(engine, image, options);
  await keepRecord(engine, name, { ...options, record: { ...record, ...size } });
  return size;
}

async function measureArchive(engine: Engine, image: NamedImage, options: CachePlace & Watch): Promise<ImageSize> {
  const cache = ourCache(options);
  await mkdir(cache, { recursive: true });
  const folder = await createTemporaryFolder('.image-size-', cache);
  try {
    const path = join(folder.path, 'image.tar');
    await saveImage(engine, { ...image, path }, options);
    options.onProgress({ step: `measuring ${image.name}` });
    return { archiveBytes: (await stat(path)).size, gzipBytes: await compressedBytes(path, options.signal) };
  } finally {
    await folder.remove();
  }
}

async function compressedBytes(path: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const count = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(path), createGzip(), count, { signal });
  return bytes;
}
