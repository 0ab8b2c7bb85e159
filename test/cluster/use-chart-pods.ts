import { afterEach, it } from '@jest/globals';
import { prepareChartPod, type ChartPod, type ChartPodOptions } from '../product/chart-pod.ts';
import { noPodNetworks } from '../product/pod-network.ts';
import { noPods } from '../product/pod-sidecar.ts';
import type { RunningSidecar } from '../product/sidecar-program.ts';
import { reader } from '../product/test-objects.ts';
import { cluster, folder, running, useCluster } from './use-cluster.ts';
import { receiver, useReceiver } from './use-receiver.ts';

const pods: ChartPod[] = [];

/** Gives every test of the file that calls it the control plane, an application to notify, and an end to the pods that it makes. */
export function useChartPods(): void {
  useCluster();
  useReceiver();
  afterEach(async () => {
    await Promise.all(pods.splice(0).map((pod) => pod.close()));
  });
}

export interface UsedChartPodOptions extends Pick<ChartPodOptions, 'serviceLinks'> {
  /** Default: ConfigMaps and Secrets of its namespace. */
  access?: readonly object[];
  /** The application's port in the pod. Without it nobody listens. */
  port?: number;
}

/** Makes the pod of a file in test/charts; the application in it is the receiver. */
export async function chartPod(chart: string, { access = reader(), port, ...options }: UsedChartPodOptions = {}) {
  const at = Number(new URL(receiver.url).port);
  const application = port !== undefined && { application: { port, at } };
  const pod = await prepareChartPod(cluster, { ...options, ...application, chart, access, folder: folder.path });
  pods.push(pod);
  return pod;
}

/** Starts a container that is ended after the test. */
export async function startIn(
  pod: ChartPod,
  container: string,
  replaced: Readonly<Record<string, string>> = {},
): Promise<RunningSidecar> {
  const program = await pod.start(container, replaced);
  running.push(program);
  return program;
}

const missing = noPods || noPodNetworks;
/** A test of processes that share the network of a pod, where they can have one. */
export const inChartPod = missing ? it.skip : it;
/** For the name of what such tests are about. */
export const unlessInChartPod = missing ? ` (skipped: ${missing})` : '';

/** What the application was asked, by whom, and with which body if any, since a time by `performance.now()`. */
export function requests(since = 0): string[] {
  const asked = receiver.notifications.filter(({ at }) => at >= since);
  return asked.map(({ method, path, authorization = '', body }) =>
    [method, path, loginOf(authorization), body].filter((part) => part !== '').join(' '),
  );
}

function loginOf(authorization: string): string {
  return Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('latin1');
}
