import { runCommand } from '../../test/control-plane/leashed-process.ts';
import { PlainError } from '../plain-error.ts';
import type { CachePlace } from '../cache-directory.ts';
import type { Engine } from './engine.ts';
import { imageId, type Watch } from './image.ts';
import { fetchNodeParts, makeNodeImage, type NodeParts } from './make-node-image.ts';
import { runEngine } from './run-engine.ts';

export interface NodeImageChoice extends CachePlace, Watch {
  /** The image asked for; undefined: `preferred`, or where that can't be had one made here. */
  asked: string | undefined;
  preferred: string;
  /** Whether one that is there is pulled again: its name may mean a newer one by now. */
  refresh: boolean;
  /** Milliseconds that a pull may take where there is something else to take. */
  pullLimitMs?: number;
}

export interface NodeImage {
  name: string;
  id: string;
  /** Why it is not the preferred one, or not the newest. */
  note?: string;
  /** Such as 24.9.0; undefined: the image doesn't say. */
  nodeVersion?: string | undefined;
}

/**
 * The image that Node is taken from: pulled, or there already, or else made from the npm package of Node and from Debian's libraries. Throws
 * a PlainError when none of it is possible.
 */
export async function provideNodeImage(engine: Engine, choice: NodeImageChoice): Promise<NodeImage> {
  const { asked, preferred } = choice;
  const image =
    asked === undefined
      ? await pulledOrMade(engine, preferred, choice)
      : await pulledOrThere(engine, { name: asked, limited: false }, choice);
  return { ...image, nodeVersion: await nodeVersionOf(engine, image.id, choice.signal) };
}

async function pulledOrMade(engine: Engine, preferred: string, choice: NodeImageChoice): Promise<NodeImage> {
  try {
    return await pulledOrThere(engine, { name: preferred, limited: true }, choice);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    return makeInstead(engine, choice, error.message);
  }
}

async function pulledOrThere(
  engine: Engine,
  { name, limited }: { name: string; limited: boolean },
  choice: NodeImageChoice,
): Promise<NodeImage> {
  const there = await imageId(engine, name, choice.signal);
  if (there !== undefined && !choice.refresh) return { name, id: there };
  try {
    await pull(engine, name, { ...choice, limited: limited || there !== undefined });
    return { name, id: (await imageId(engine, name, choice.signal)) ?? name };
  } catch (error) {
    if (there === undefined || !(error instanceof PlainError)) throw error;
    return {
      name,
      id: there,
      note: `It is what is here by that name; pulled anew it can't be: ${lastLine(error.message)}`,
    };
  }
}

async function pull(engine: Engine, image: string, choice: NodeImageChoice & { limited: boolean }): Promise<void> {
  // Docker Hub's 80 MB take less, unless nearly nothing comes through; where nobody answers, it has to end sometime.
  const { pullLimitMs = 120_000, signal, limited } = choice;
  const limit = AbortSignal.timeout(pullLimitMs);
  const either = limited ? AbortSignal.any([signal, limit]) : signal;
  try {
    await runEngine(engine, engine.pull(image), { ...choice, signal: either, step: `pulling ${image}` });
  } catch (error) {
    signal.throwIfAborted();
    if (!either.aborted) throw error;
    throw new PlainError(`it took more than ${pullLimitMs / 1000} s`, { cause: error });
  }
}

async function makeInstead(engine: Engine, choice: NodeImageChoice, reason: string): Promise<NodeImage> {
  const parts = await partsOrAdvice(choice, reason);
  return {
    ...(await makeNodeImage(engine, parts, choice)),
    note: `It is made here, from npm and Debian, because ${choice.preferred} can't be pulled: ${lastLine(reason)}`,
  };
}

/** An engine that can't build has its own reasons, in which another image doesn't help; the advice is for a lack of parts alone. */
async function partsOrAdvice(choice: NodeImageChoice, reason: string): Promise<NodeParts> {
  try {
    return await fetchNodeParts(choice);
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    const way = `Name an image that has Node with --node-image, or make ${choice.preferred} reachable.`;
    throw new PlainError(`${reason}\nAnd none can be made here: ${error.message}\n${way}`, { cause: error });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

/** As the official images of Node, and ours, have it in their environment. */
async function nodeVersionOf(engine: Engine, image: string, signal: AbortSignal): Promise<string | undefined> {
  const [command = '', ...args] = engine.environment(image);
  const { stdout } = await runCommand({ command, args, env: engine.env, signal });
  return /^NODE_VERSION=(\S+)$/m.exec(stdout)?.[1];
}
