import { PlainError } from '../plain-error.ts';
import type { CachePlace } from '../cache-directory.ts';
import type { Engine } from './engine.ts';
import { imageId, type Watch } from './image.ts';
import { makeNodeImage } from './make-node-image.ts';
import { runEngine } from './run-engine.ts';

export interface NodeImageChoice extends CachePlace, Watch {
  /** The image asked for; undefined: `preferred`, or where that can't be pulled one made here. */
  asked: string | undefined;
  preferred: string;
  /** Milliseconds that a pull of the preferred one may take. */
  pullLimitMs?: number;
}

export interface NodeImage {
  name: string;
  id: string;
  /** Why it is not the preferred one. */
  note?: string;
}

/**
 * The image that Node is taken from: there already, pulled, or else made from the npm package of Node and from Debian's libraries. Throws a
 * PlainError when none of it is possible.
 */
export async function provideNodeImage(engine: Engine, choice: NodeImageChoice): Promise<NodeImage> {
  const { asked, preferred } = choice;
  if (asked !== undefined) return { name: asked, id: await thereOrPulled(engine, asked, choice) };
  // Docker Hub's 80 MB take less, unless nearly nothing comes through; where nobody answers, it has to end sometime.
  const { pullLimitMs = 120_000, signal } = choice;
  const limit = AbortSignal.timeout(pullLimitMs);
  try {
    const limited = { ...choice, signal: AbortSignal.any([signal, limit]) };
    return { name: preferred, id: await thereOrPulled(engine, preferred, limited) };
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted && !(error instanceof PlainError)) throw error;
    const reason = limit.aborted ? `it took more than ${pullLimitMs / 1000} s` : (error as Error).message;
    return makeInstead(engine, choice, reason);
  }
}

async function thereOrPulled(engine: Engine, image: string, watch: Watch): Promise<string> {
  const there = await imageId(engine, image, watch.signal);
  if (there !== undefined) return there;
  await runEngine(engine, engine.pull(image), { ...watch, step: `pulling ${image}` });
  return (await imageId(engine, image, watch.signal)) ?? image;
}

async function makeInstead(engine: Engine, choice: NodeImageChoice, reason: string): Promise<NodeImage> {
  try {
    const made = await makeNodeImage(engine, choice);
    const lastLine = reason.trim().split('\n').at(-1) ?? '';
    return {
      ...made,
      note: `It is made here, from npm and Debian, because ${choice.preferred} can't be pulled: ${lastLine}`,
    };
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    const way = `Name an image that has Node with --node-image, or make ${choice.preferred} reachable.`;
    throw new PlainError(`${reason}\nAnd none can be made here: ${error.message}\n${way}`, { cause: error });
  }
}
