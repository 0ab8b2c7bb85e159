import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOrBuildBinaries } from '../../../test/control-plane/binaries.ts';
import { startControlPlane } from '../../../test/control-plane/control-plane.ts';
import { environmentOf, startWebhook } from '../../../test/product/webhook-program.ts';
import type { SuiteOptions } from '../suite.ts';
import { versionOf } from '../version-of.ts';

/** A control plane at which our webhook is registered, with its CA in place. */
export interface RegisteredCluster {
  readonly kubernetesVersion: string;
  /** What a replica finds in its environment: a new token of its ServiceAccount, and the port that the configuration leads to. */
  environment(): Promise<Readonly<Record<string, string>>>;
}

export type ClusterOptions = Pick<SuiteOptions, 'env' | 'onProgress' | 'signal'>;

/** Starts it; `stack` takes it down. */
export async function registerWebhook(
  { env, onProgress, signal }: ClusterOptions,
  parent: string,
  stack: AsyncDisposableStack,
): Promise<RegisteredCluster> {
  const binaries = await findOrBuildBinaries({ env, onProgress, signal });
  const cluster = await startControlPlane({ binaries, onProgress, signal });
  stack.defer(() => cluster.stop());
  const folder = join(parent, 'cluster');
  await mkdir(folder);
  // Where the pods of the reviews are: one that is not there would be asked for at every review.
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'monitoring' } }]);
  // The first start ever makes the CA and puts it into the configuration.
  const webhook = await startWebhook(cluster, { folder });
  await webhook.stop();
  const port = Number(new URL(webhook.url).port);
  return {
    kubernetesVersion: await versionOf(cluster),
    environment: () => environmentOf(cluster, { folder, port }),
  };
}
