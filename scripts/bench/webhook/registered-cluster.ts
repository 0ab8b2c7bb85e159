import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findOrBuildBinaries } from '../../../test/control-plane/binaries.ts';
import { startControlPlane } from '../../../test/control-plane/control-plane.ts';
import { environmentOf, startWebhook } from '../../../test/product/webhook-program.ts';
import { preparePodFiles, type PodFiles } from '../pod-files.ts';
import type { SuiteOptions } from '../suite.ts';
import { versionOf } from '../version-of.ts';

/** A control plane at which our webhook is registered, with its CA in place. */
export interface RegisteredCluster {
  readonly kubernetesVersion: string;
  /** What a replica finds in its environment; its port is where the configuration leads to. */
  readonly environment: Readonly<Record<string, string>>;
  /** The files of its ServiceAccount: with a kubeconfig it would load a library of 23 MB that it does without in a pod. */
  readonly pod: PodFiles;
}

export type ClusterOptions = Pick<SuiteOptions, 'env' | 'onProgress' | 'signal' | 'root'>;

/** Starts it; `stack` takes it down. */
export async function registerWebhook(
  { env, onProgress, signal, root }: ClusterOptions,
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
  const { KUBECONFIG: _, ...names } = await environmentOf(cluster, { folder, port });
  const { hostname: KUBERNETES_SERVICE_HOST, port: KUBERNETES_SERVICE_PORT } = new URL(cluster.server);
  const account = { namespace: 'sync-sidecar', name: 'sync-sidecar-webhook' };
  return {
    kubernetesVersion: await versionOf(cluster),
    environment: { ...names, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT },
    pod: stack.use(await preparePodFiles({ cluster, account, folder, root })),
  };
}
