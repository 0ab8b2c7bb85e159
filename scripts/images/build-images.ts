import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPrograms } from '../build-programs.ts';
import type { CachePlace } from '../cache-directory.ts';
import { copiedFiles, defaultOf, parseDockerfile, type Instruction } from './dockerfile.ts';
import type { Engine } from './engine.ts';
import { buildImage, type NamedImage, type Watch } from './image.ts';
import { buildUnlessKept } from './kept-build.ts';
import { provideNodeImage, type NodeImage } from './node-image.ts';

const root = join(import.meta.dirname, '../..');

/** The images: what each is called, and the Dockerfile that it is built by. */
export const images = {
  sidecar: { repository: 'sync-sidecar', dockerfile: 'Dockerfile.sidecar' },
  webhook: { repository: 'sync-sidecar-webhook', dockerfile: 'Dockerfile.webhook' },
} as const;

export interface ImagesOptions extends CachePlace, Watch {
  /** Image to take Node from, instead of the Dockerfiles' own. */
  nodeImage?: string | undefined;
  /** Whether the image to take Node from is pulled again where it is there. Default: false. */
  refresh?: boolean;
  now: () => number;
}

/** Its name in the engine is such as localhost/sync-sidecar:0.1.0. */
export interface BuiltImage extends NamedImage {
  /** Name in a registry, without the registry: sync-sidecar:0.1.0. */
  repository: string;
  /** undefined: nothing has changed since it was built. */
  buildMs: number | undefined;
}

export interface BuiltImages {
  nodeImage: NodeImage;
  sidecar: BuiltImage;
  webhook: BuiltImage;
}

/**
 * Builds the programs, and both images of them where something of these has changed. Throws a PlainError with the engine's words, or the
 * signal's reason.
 */
export async function buildImages(engine: Engine, options: ImagesOptions): Promise<BuiltImages> {
  options.onProgress({ step: 'building the programs' });
  await buildPrograms();
  const dockerfile = await readDockerfile(images.sidecar.dockerfile);
  const preferred = defaultOf('NODE_IMAGE', dockerfile) ?? '';
  const nodeImage = await provideNodeImage(engine, { refresh: false, ...options, asked: options.nodeImage, preferred });
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const build = (image: Named) => buildOne(engine, image, { ...options, from: nodeImage, version });
  return { nodeImage, sidecar: await build(images.sidecar), webhook: await build(images.webhook) };
}

type Named = (typeof images)[keyof typeof images];

async function buildOne(
  engine: Engine,
  image: Named,
  options: ImagesOptions & { from: NodeImage; version: string },
): Promise<BuiltImage> {
  const { from, version, now } = options;
  const repository = `${image.repository}:${version}`;
  // A name without a registry would get Docker Hub's where it is imported.
  const tag = `localhost/${repository}`;
  const files = [image.dockerfile, ...copiedFiles(await readDockerfile(image.dockerfile))];
  const contents = await Promise.all(files.map((file) => readFile(join(root, file))));
  const startedAt = now();
  const { id, built } = await buildUnlessKept(
    engine,
    { ...options, tag, inputs: [version, from.id, ...contents] },
    () =>
      buildImage(
        engine,
        {
          dockerfile: join(root, image.dockerfile),
          context: root,
          tag,
          buildArgs: { NODE_IMAGE: from.name, VERSION: version },
        },
        options,
      ),
  );
  return { id, name: tag, repository, buildMs: built ? now() - startedAt : undefined };
}

async function readDockerfile(name: string): Promise<Instruction[]> {
  return parseDockerfile(await readFile(join(root, name), 'utf8'));
}
