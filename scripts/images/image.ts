import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../test/control-plane/leashed-process.ts';
import { createTemporaryFolder } from '../../test/control-plane/temporary-folder.ts';
import { PlainError } from '../plain-error.ts';
import type { Engine } from './engine.ts';
import { runEngine, type EngineRun } from './run-engine.ts';

export type Watch = Omit<EngineRun, 'step'>;

export interface ImageBuild {
  /** Path of the Dockerfile. */
  dockerfile: string;
  /** Folder from which it copies. */
  context: string;
  /** Name of the image. One that begins with localhost/ keeps it everywhere: others get that of a registry before it. */
  tag: string;
  buildArgs?: Readonly<Record<string, string>>;
}

/** An image by its content, which stays what it is, and the name that it is to have. */
export interface NamedImage {
  id: string;
  /** In the engine it may meanwhile be the name of another one, of another checkout for instance. */
  name: string;
}

/** Builds an image, which the engine then has by the name `tag`; answers its id. */
export async function buildImage(engine: Engine, build: ImageBuild, watch: Watch): Promise<string> {
  const { dockerfile, context, tag, buildArgs = {} } = build;
  const flags = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const folder = await createTemporaryFolder('sync-sidecar-');
  try {
    const idFile = join(folder.path, 'id');
    const words = [...engine.build, '--file', dockerfile, '--tag', tag, '--iidfile', idFile, ...flags, context];
    await runEngine(engine, words, { ...watch, step: `building ${tag} with ${engine.name}` });
    return await idOf(engine, { written: await readFile(idFile, 'utf8'), tag }, watch.signal);
  } finally {
    await folder.remove();
  }
}

async function idOf(engine: Engine, built: { written: string; tag: string }, signal: AbortSignal): Promise<string> {
  const { written, tag } = built;
  // By name only where the engine doesn't know its own word: Docker with containerd's image store has more than one digest of an image.
  const id = (await imageId(engine, written.trim(), signal)) ?? (await imageId(engine, tag, signal));
  if (id !== undefined) return id;
  throw new PlainError(`${engine.name} has built ${tag}, but does not have it among its images.`);
}

/** Writes an image, with its name, to a file that `ctr images import` and `docker load` take. */
export async function saveImage(engine: Engine, image: NamedImage & { path: string }, watch: Watch): Promise<void> {
  const { name, path } = image;
  // buildah doesn't write to an archive that is there.
  await rm(path, { force: true });
  for (const words of engine.save(image)) await runEngine(engine, words, { ...watch, step: `saving ${name}` });
}

/** Gives an image the name that it is to have, which another one may have now. */
export async function nameImage(engine: Engine, { id, name }: NamedImage, watch: Watch): Promise<void> {
  await runEngine(engine, engine.tag(id, name), { ...watch, step: `naming ${name}` });
}

/** Gives an image to a registry, by the name `target`. */
export async function pushImage(
  engine: Engine,
  { image, target }: { image: string; target: string },
  watch: Watch,
): Promise<void> {
  for (const words of engine.push(image, target)) {
    await runEngine(engine, words, { ...watch, step: `pushing ${target}` });
  }
}

/** What the engine calls the content of an image; undefined: it has none of that name. */
export async function imageId(engine: Engine, image: string, signal: AbortSignal): Promise<string | undefined> {
  const [command = '', ...args] = engine.identify(image);
  const { code, stdout } = await runCommand({ command, args, env: engine.env, signal });
  return code === 0 ? stdout.trim() : undefined;
}
