import type { BuiltImage } from './build-images.ts';
import type { Engine } from './engine.ts';
import type { ImageSize } from './image-size.ts';
import type { NodeImage } from './node-image.ts';

export type MeasuredImage = BuiltImage & ImageSize;

/** What is said at the end: the images with their sizes and times, what they were made from, and where they are. */
export function summary(
  engine: Pick<Engine, 'name' | 'command'>,
  images: readonly MeasuredImage[],
  { name, note, nodeVersion = 'of unknown version' }: Pick<NodeImage, 'name' | 'note' | 'nodeVersion'>,
): string {
  const width = Math.max(...images.map((image) => image.name.length));
  const rows = images.map(({ name, archiveBytes, gzipBytes, buildMs }) => {
    const time = buildMs === undefined ? 'unchanged' : `built in ${(buildMs / 1000).toFixed(1)} s`;
    return `${name.padEnd(width)}  ${megabytes(archiveBytes).padStart(8)} as an archive  ${megabytes(gzipBytes).padStart(7)} with gzip  ${time}`;
  });
  return [
    ...rows,
    `Node ${nodeVersion} is from ${name}.`,
    ...(note === undefined ? [] : [note]),
    `To see them: ${engine.command.join(' ')} images`,
  ].join('\n');
}

/** What a node pulls when a Pod with the sidecar comes to it first, in bytes; of it Node is 45 MB. */
const sidecarLimit = 60e6;

/** Why the sidecar's image must not go out; undefined: it may. */
export function oversize({ name, gzipBytes }: Pick<MeasuredImage, 'name' | 'gzipBytes'>): string | undefined {
  if (gzipBytes <= sidecarLimit) return undefined;
  return `${name} has ${megabytes(gzipBytes)} with gzip, more than the ${megabytes(sidecarLimit)} that we promise.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
