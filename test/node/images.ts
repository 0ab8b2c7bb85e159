import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { images } from '../../scripts/images/build-images.ts';
import { findEngine } from '../../scripts/images/find-engine.ts';
import { imageId, saveImage } from '../../scripts/images/image.ts';
import { PlainError } from '../../scripts/plain-error.ts';
import type { OnProgress } from '../control-plane/progress.ts';
import { buildDebianImage, type DebianImage } from './debian-image.ts';

/** Ends when it is told to and reaps what is left to it: for sandboxes, and with another command for applications. */
const busybox: DebianImage = {
  name: 'localhost/busybox:1',
  packages: [],
  entrypoint: ['/tini', '--', 'sleep', '2147483647'],
};

const prometheus: DebianImage = {
  name: 'localhost/prometheus:1',
  packages: ['prometheus', 'libc6'],
  entrypoint: ['/usr/bin/prometheus'],
};

export const busyboxImage = busybox.name;
export const prometheusImage = prometheus.name;
const made = [busybox, prometheus];

const packageFile = join(import.meta.dirname, '../../package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
/** What `npm run images` builds. */
export const sidecarImage = `localhost/${images.sidecar.repository}:${version}`;
export const webhookImage = `localhost/${images.webhook.repository}:${version}`;

export interface SaveImagesOptions {
  env: NodeJS.ProcessEnv;
  /** For the archives. */
  folder: string;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/**
 * Writes images to archives, and answers their paths. Those of Debian's programs are built first; others (ours) have to be there.
 * Throws a PlainError that says what to do when one can't be had.
 */
export async function saveImages(names: readonly string[], options: SaveImagesOptions): Promise<string[]> {
  const engine = await findEngine({ ...options, install: false });
  const archives: string[] = [];
  for (const name of names) {
    const debian = made.find((image) => image.name === name);
    if (debian) await buildDebianImage(engine, debian, options);
    else if ((await imageId(engine, name, options.signal)) === undefined) throw missing(name);
    const path = join(options.folder, `image-${archives.length}.tar`);
    await saveImage(engine, { image: name, path }, options);
    archives.push(path);
  }
  return archives;
}

function missing(name: string): PlainError {
  return new PlainError(`There is no image ${name}. Build it: npm run images`);
}
