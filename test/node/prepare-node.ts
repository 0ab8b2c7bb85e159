import { findOrBuildBinaries } from '../control-plane/binaries.ts';
import type { OnProgress } from '../control-plane/progress.ts';
import { findOrBuildNodePrograms } from './node-programs.ts';
import type { NodeOptions } from './node.ts';
import { busyboxImage, saveImages } from './images.ts';

export interface PrepareOptions {
  env: NodeJS.ProcessEnv;
  /** For the archives of images; the caller removes it. */
  folder: string;
  /** Names of the images that pods may use, besides the busybox that is every pod's sandbox too. */
  images: readonly string[];
  /** What builds images may be installed where nothing does. */
  install: boolean;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** What has to be on this machine before a node can start. */
export type PreparedNode = Pick<NodeOptions, 'binaries' | 'programs' | 'images' | 'sandboxImage'>;

/** Finds or builds the programs of control plane and node, and the images. */
export async function prepareNode({ images, ...options }: PrepareOptions): Promise<PreparedNode> {
  const programs = await findOrBuildNodePrograms(options);
  const binaries = await findOrBuildBinaries(options);
  const archives = await saveImages([busyboxImage, ...images], options);
  return { binaries, programs, images: archives, sandboxImage: busyboxImage };
}
