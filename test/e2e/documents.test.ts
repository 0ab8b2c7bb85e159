import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { images } from '../../scripts/images/build-images.ts';
import { createTemporaryFolder } from '../control-plane/temporary-folder.ts';
import type { CodeBlock } from '../documents/code-blocks.ts';
import { excused, isPromised, promisedOutput, readPages, runnable, type Page } from '../documents/page-blocks.ts';
import { makeReadersMachine, type ReadersMachineOptions } from '../documents/readers-machine.ts';
import { runBlocks } from '../documents/run-blocks.ts';
import { busyboxImage, sidecarImage, webhookImage } from '../node/images.ts';
import type { ClusterNode } from '../node/node.ts';
import { findOrBuildHelm } from '../packaging/packaging-programs.ts';
import { startBareNode } from './own-node.ts';

const root = join(import.meta.dirname, '../..');
const pages = readPages(root);

/** The node has these as if it had pulled them from where the pages say that they are. */
const imagesOfPages = {
  [`registry.example.com/team/${images.webhook.repository}:${versionOf(webhookImage)}`]: webhookImage,
  [`registry.example.com/team/${images.sidecar.repository}:${versionOf(sidecarImage)}`]: sidecarImage,
  'docker.io/library/busybox:stable': busyboxImage,
};

function versionOf(image: string): string {
  return image.split(':').at(-1) ?? '';
}

/** What a page says nothing of, as its readers have it: a file of this folder that is called as the page. */
function takenForGranted({ path }: Page): CodeBlock[] {
  const page = `test/documents/taken-for-granted/${path.replaceAll('/', '-')}.sh`;
  const file = join(root, page);
  return existsSync(file) ? [{ page, line: 1, language: 'sh', text: readFileSync(file, 'utf8') }] : [];
}

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

/** Answers what each command of a page prints to who reads it on a cluster that has nothing but the images. */
async function runPage(page: Page): Promise<string[]> {
  const folder = await createTemporaryFolder('sync-sidecar-reader-');
  stack.push({ [Symbol.asyncDispose]: () => folder.remove() });
  const granted = takenForGranted(page);
  const blocks = [...granted, ...runnable(page)];
  const cluster = blocks.some(({ text }) => /\b(kubectl|helm)\b/.test(text)) ? await startCluster() : withoutCluster;
  const machine = await makeReadersMachine({ ...cluster, folder: folder.path, root, path: process.env.PATH ?? '' });
  const printed = await runBlocks(blocks, { ...machine, signal: AbortSignal.timeout(540_000) });
  return printed.slice(granted.length);
}

type Surroundings = Pick<ReadersMachineOptions, 'kubeconfig' | 'programs'>;

const withoutCluster: Surroundings = { kubeconfig: '/not-there', programs: { node: process.execPath } };

async function startCluster(): Promise<Surroundings> {
  const node = await startBareNode();
  stack.push({ [Symbol.asyncDispose]: () => node.stop() });
  await tagImages(node);
  const { signal } = new AbortController();
  const helm = await findOrBuildHelm({ env: process.env, onProgress: () => undefined, signal });
  return { kubeconfig: node.kubeconfig, programs: { ...withoutCluster.programs, kubectl: node.kubectlPath, helm } };
}

async function tagImages({ ctr }: ClusterNode): Promise<void> {
  for (const [name, source] of Object.entries(imagesOfPages)) await ctr('images', 'tag', source, name);
}

let run = 0;
afterAll(() => {
  const notRun = pages.flatMap(excused).length;
  process.stdout.write(`sh blocks of the documents: ${run} run, ${notRun} not run, each with its reason\n`);
});

describe('the commands of a page do what they say, on a cluster that has nothing but what the page installs', () => {
  const cases = pages.filter((page) => runnable(page).length > 0);

  it.each(cases)(
    '$path',
    async (page) => {
      const printed = await runPage(page);

      for (const [index, block] of runnable(page).entries()) {
        const promised = promisedOutput(page, block);
        if (promised !== undefined && !isPromised(printed[index] ?? '', promised))
          expect(printed[index]).toBe(promised);
      }
      run += printed.length;
    },
    600_000,
  );
});
