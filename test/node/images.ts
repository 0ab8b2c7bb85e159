import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImages, images } from '../../scripts/images/build-images.ts';
import { findEngine } from '../../scripts/images/find-engine.ts';
import { saveImage } from '../../scripts/images/image.ts';
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
  /** What builds images may be installed where nothing does. */
  install: boolean;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/**
 * Builds images, where something of them has changed, and writes them to archives; answers the paths. Throws a PlainError that says what
 * to do when one can't be had.
 */
export async function saveImages(names: readonly string[], options: SaveImagesOptions): Promise<string[]> {
  // Who may start a node is root.
  const engine = await findEngine({ ...options, uid: 0 });
  const ours = names.some(isOurs) ? await buildImages(engine, { ...options, now: () => performance.now() }) : undefined;
  const archives: string[] = [];
  for (const name of names) {
    const debian = made.find((image) => image.name === name);
    const id = debian
      ? await buildDebianImage(engine, debian, options)
      : [ours?.sidecar, ours?.webhook].find((image) => image?.name === name)?.id;
    if (id === undefined) throw new Error(`no image is called ${name}`);
    const path = join(options.folder, `image-${archives.length}.tar`);
    // By its id: the name may be another one's by now, of a checkout that shares the engine.
    await saveImage(engine, { id, name, path }, options);
    archives.push(path);
  }
  return archives;
}

function isOurs(name: string): boolean {
  return name === sidecarImage || name === webhookImage;
}
