import { bareEnvironment, startProcess } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';
import { busyboxImage } from '../node/images.ts';
import {
  describePod,
  readPod,
  untilPodReady,
  type ContainerStatus,
  type PodRef,
  type RunningPod,
} from '../product/running-pod.ts';
import { asking, configMap, reader } from '../product/test-objects.ts';
import { node } from './use-node.ts';

export interface ApplicationOptions {
  /** Run by a shell. */
  script: string;
  uid?: number;
}

/** What Pod Security "restricted" wants of a container but for its user, and a root file system that it can't write to. */
export const restricted = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A container that passes Pod Security "restricted", with the commands of busybox. */
export function application({ script, uid = 1000 }: ApplicationOptions): object {
  return {
    name: 'app',
    image: busyboxImage,
    command: ['/tini', '--', 'sh', '-c', script],
    securityContext: { runAsUser: uid, ...restricted },
  };
}

export interface PodOptions {
  annotations?: Record<string, string>;
  containers: readonly object[];
  spec?: object;
}

/** A pod with the rights of the ServiceAccount `reader`, which ends at once when it is deleted. */
export function pod(metadata: PodRef, { annotations = {}, containers, spec = {} }: PodOptions): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, annotations },
    spec: { serviceAccountName: 'reader', terminationGracePeriodSeconds: 1, containers, ...spec },
  };
}

export function getPod(ref: PodRef): Promise<RunningPod> {
  return readPod(node, ref);
}

/** Waits until a pod is Ready, and says with `kubectl describe` why it is not. */
export function untilReady(ref: PodRef, timeoutMs = 60_000): Promise<RunningPod> {
  return untilPodReady(node, ref, { timeoutMs });
}

/** Runs a script in a container, `app` unless told, and answers its stdout. */
export function exec({ namespace, name }: PodRef, script: string, container = 'app'): Promise<string> {
  const target = ['--namespace', namespace, '--container', container];
  return node.kubectlOutput(['exec', name, ...target, '--', 'sh', '-c', script]);
}

export function logs({ namespace, name }: PodRef, container = 'app'): Promise<string> {
  return node.kubectlOutput(['logs', name, '--namespace', namespace, '--container', container]);
}

/** The restarts of each container by its name. */
export function restartCounts({ status }: RunningPod): Record<string, number> {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return Object.fromEntries(all.map(({ name, restartCount }) => [name, restartCount]));
}

/** What a pod that is `asking` gets the file hello.json of. */
export function dashboard(content: string): object {
  return configMap({ name: 'hello', labels: { dashboard: '1' }, data: { 'hello.json': content } });
}

/** Starts a pod that is `asking`, in a namespace of its own; its application ends as soon as it finds its file missing. */
export async function startWatchingPod(name: string, content: string): Promise<RunningPod> {
  const namespace = await node.createNamespace(name);
  const ref = { namespace, name };
  const script = 'while [ -e /etc/dashboards/hello.json ]; do sleep 0.05; done';
  await node.apply([...reader(), dashboard(content)], namespace);
  await node.apply([pod(ref, { annotations: asking, containers: [application({ script })] })]);
  return untilReady(ref);
}

/** Waits until a sidecar has been restarted and its pod is Ready, as the API server has it. */
export function untilSidecarRestarted(ref: PodRef, timeoutMs = 60_000): Promise<RunningPod> {
  const and = (pod: RunningPod): boolean => restartCounts(pod)['sync-sidecar'] !== 0;
  return untilPodReady(node, ref, { and, timeoutMs });
}

/** The one pod that has these labels. */
export async function podOf(namespace: string, selector: string): Promise<PodRef> {
  const { items } = await node.get<{ items: RunningPod[] }>('pods', '--namespace', namespace, '--selector', selector);
  const [found, ...others] = items;
  if (!found || others.length > 0) throw new Error(`there are ${items.length} pods with ${selector}`);
  return { namespace, name: found.metadata.name };
}

/** Waits until no container of a pod runs or will run again, and says with `kubectl describe` what is there instead. */
export function untilEnded(ref: PodRef, timeoutMs = 60_000): Promise<RunningPod> {
  const ended = async (): Promise<RunningPod | undefined> => {
    const pod = await getPod(ref);
    return ['Succeeded', 'Failed'].includes(pod.status.phase) ? pod : undefined;
  };
  return eventually(ended, { timeoutMs, intervalMs: 200 }).catch(async (cause: unknown) => {
    throw new Error(`${ref.name} has not ended: ${await describePod(node, ref)}`, { cause });
  });
}

/** Deletes a pod, and answers the last status of its containers. */
export async function deletePod(ref: PodRef): Promise<ContainerStatus[]> {
  const pod = [ref.name, '--namespace', ref.namespace];
  const keep = async (finalizers: readonly string[]): Promise<void> => {
    const patch = JSON.stringify({ metadata: { finalizers } });
    await node.kubectlOutput(['patch', 'pod', ...pod, '--type', 'merge', '--patch', patch]);
  };
  // A deleted pod is gone as soon as its containers have ended, unless somebody wants to have seen that.
  await keep(['example.com/test']);
  await node.kubectlOutput(['delete', 'pod', ...pod, '--wait=false']);
  const ended = async (): Promise<ContainerStatus[] | undefined> => {
    const { containerStatuses = [] } = (await getPod(ref)).status;
    return containerStatuses.every(({ state }) => state.terminated) ? containerStatuses : undefined;
  };
  const statuses = await eventually(ended, { timeoutMs: 60_000, intervalMs: 200 });
  await keep([]);
  return statuses;
}

/**
 * Has a shell of the application look for a condition without pause. Resolves when it looks, with a promise of when the condition held
 * (as performance.now() counts): what it takes to get into the container is no part of that.
 */
export async function watchInPod({ namespace, name }: PodRef, condition: string): Promise<{ seenAt: Promise<number> }> {
  const looking = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<number>();
  const script = `echo looking; until ${condition}; do sleep 0.01; done; echo seen`;
  const { kubectlPath: command, kubeconfig, home } = node;
  const process = await startProcess({
    command,
    args: ['--kubeconfig', kubeconfig, 'exec', name, '--namespace', namespace, '--', 'sh', '-c', script],
    env: bareEnvironment(home),
    onLine: (line) => {
      if (line === 'looking') looking.resolve();
      if (line === 'seen') seen.resolve(performance.now());
    },
  });
  void process.exited.then(({ code }) => {
    looking.reject(new Error(`kubectl exec ended with ${code}`));
    seen.reject(new Error(`kubectl exec ended with ${code}`));
  });
  seen.promise.catch(() => undefined);
  await looking.promise;
  return { seenAt: seen.promise };
}
