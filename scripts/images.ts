/** `npm run images`: builds both images with what this machine has, says how large they are, and pushes them if asked. */
import { printProgress } from '../test/control-plane/progress.ts';
import { readArguments, type ImagesArguments } from './images/arguments.ts';
import { buildImages, type BuiltImage } from './images/build-images.ts';
import { findEngine } from './images/find-engine.ts';
import { pushImage, type Watch } from './images/image.ts';
import { measureImage } from './images/image-size.ts';
import { oversize, summary } from './images/summary.ts';
import { PlainError } from './plain-error.ts';
import { printAnswer } from './read-options.ts';

const read = readArguments(process.argv.slice(2));
process.exitCode = 'install' in read ? await makeImages(read) : printAnswer(read);

async function makeImages(asked: ImagesArguments): Promise<number> {
  const interrupted = new AbortController();
  // npm passes on the signal that the terminal has sent already, so a second one means nothing more than the first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  const { signal } = interrupted;
  const { onProgress, end } = printProgress(process.stderr, Date.now);
  try {
    const made = await buildAndMeasure(asked, { onProgress, signal });
    end();
    console.log(made.text);
    if (made.problem !== undefined) throw new PlainError(made.problem);
    if (asked.push !== undefined) await push(made, asked.push, { onProgress, signal });
    return 0;
  } catch (error) {
    // As a shell reports a program that Ctrl-C ended.
    if (signal.aborted) return 130;
    end();
    console.error(error instanceof PlainError ? error.message : error);
    return 1;
  } finally {
    end();
  }
}

async function buildAndMeasure({ install, nodeImage }: ImagesArguments, watch: Watch) {
  const options = { ...watch, env: process.env };
  const engine = await findEngine({ ...options, install, uid: process.getuid?.() });
  const built = await buildImages(engine, { ...options, nodeImage, refresh: true, now: () => performance.now() });
  const measure = async (image: BuiltImage) => ({ ...image, ...(await measureImage(engine, image, options)) });
  const [sidecar, webhook] = await Promise.all([measure(built.sidecar), measure(built.webhook)]);
  const images = [sidecar, webhook];
  return { engine, images, text: summary(engine, images, built.nodeImage), problem: oversize(sidecar) };
}

type Made = Awaited<ReturnType<typeof buildAndMeasure>>;

async function push({ engine, images }: Pick<Made, 'engine' | 'images'>, registry: string, watch: Watch) {
  for (const { id, repository } of images) {
    const target = `${registry}/${repository}`;
    await pushImage(engine, { image: id, target }, watch);
    console.log(`pushed ${target}`);
  }
}
