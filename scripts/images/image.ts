import { rm } from 'node:fs/promises';
import { runCommand } from '../../test/control-plane/leashed-process.ts';
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

/** Builds an image, which the engine then has by the name `tag`. */
export async function buildImage(engine: Engine, build: ImageBuild, watch: Watch): Promise<void> {
  const { dockerfile, context, tag, buildArgs = {} } = build;
  const flags = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const words = [...engine.build, '--file', dockerfile, '--tag', tag, ...flags, context];
  await runEngine(engine, words, { ...watch, step: `building ${tag} with ${engine.name}` });
}

/** Writes an image, with its name, to a file that `ctr images import` and `docker load` take. */
export async function saveImage(
  engine: Engine,
  { image, path }: { image: string; path: string },
  watch: Watch,
): Promise<void> {
  // buildah doesn't write to an archive that is there.
  await rm(path, { force: true });
  await runEngine(engine, engine.save(image, path), { ...watch, step: `saving ${image}` });
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
