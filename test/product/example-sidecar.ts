import { join } from 'node:path';
import type { Container, Pod } from '../../webhook/pod.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import { eventually } from '../eventually.ts';
import { containerEnvironment } from './container-environment.ts';
import { readTree } from './folder-tree.ts';
import { startPodNetwork, type PodNetwork } from './pod-network.ts';
import { apiServerOf, askProbe, startContainer } from './pod-container.ts';
import { preparePodSidecar } from './pod-sidecar.ts';
import { makeVolumes } from './pod-volumes.ts';
import { whileRunning, type Program } from './program.ts';

export interface ExamplePod extends Pod {
  readonly metadata: NonNullable<Pod['metadata']> & { readonly name: string; readonly namespace: string };
  readonly spec: NonNullable<Pod['spec']> & { readonly serviceAccountName: string };
}

export interface ExampleSidecarOptions {
  /** As the API server has it. */
  readonly pod: ExamplePod;
  readonly container: Container;
  /** A folder for all that it needs; the caller removes it. */
  readonly folder: string;
  /** The port of this machine at which the application listens, for all ports that REQ_URL names. */
  readonly application: number;
}

/** The sidecar of a pod, as a process. */
export interface ExampleSidecar {
  readonly log: () => string;
  /** The synced files, by the paths at which the application sees them. */
  files(): Record<string, string>;
  close(): Promise<void>;
}

/**
 * Runs the program of a container with what a node would give it: exactly its environment, the token of the pod's ServiceAccount, its
 * mount of the shared volume, its user, and the network of the pod. Resolves once its startup probe is answered 200; an ordinary init
 * container once it is done.
 */
export async function startExampleSidecar(cluster: Cluster, options: ExampleSidecarOptions): Promise<ExampleSidecar> {
  const { pod, container, folder } = options;
  const { namespace } = pod.metadata;
  const account = await preparePodSidecar(cluster, { namespace, folder, serviceAccount: pod.spec.serviceAccountName });
  const home = join(folder, namespace);
  const env = { ...apiServerOf(account), ...(await environmentOf(cluster, pod, container)) };
  const volumes = makeVolumes(join(home, 'volumes'), { pod, manifests: [] });
  const network = await startPodNetwork({ folder: home, ways: waysOf(env, options.application) });
  const { runAsUser = userOfTheImage } = pod.spec.securityContext ?? {};
  const shared = { ...container, volumeMounts: [sharedMount(container)] };
  const program = await startContainer(shared, env, { account, folder: home, volumes, network, runAsUser });
  const close = async (): Promise<void> => {
    await program.stop();
    await network.close();
  };
  try {
    await (container.restartPolicy === 'Always' ? untilStarted(program, container, network) : untilDone(program));
  } catch (cause) {
    await close();
    throw new Error(`the sidecar does not start; it said:\n${program.log()}`, { cause });
  }
  return { log: () => program.log(), files: () => filesOf(env, volumes.get(sharedMount(container).name)!), close };
}

const userOfTheImage = 65534;

/** Its other mounts are of the ServiceAccount's token, which is there anyway. */
function sharedMount({ volumeMounts = [] }: Container) {
  const mount = volumeMounts.find(({ mountPath }) => mountPath === '/sync');
  if (!mount) throw new Error('the container has no mount at /sync');
  return mount;
}

async function environmentOf(
  cluster: Cluster,
  { metadata: { name: podName, namespace } }: ExamplePod,
  container: Container,
): Promise<Record<string, string>> {
  const names = container.env?.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
  const secrets: [string, string][] = [];
  for (const name of new Set(names)) {
    const { data } = await cluster.get<{ data: Record<string, string> }>('secret', name, '--namespace', namespace);
    for (const [key, value] of Object.entries(data))
      secrets.push([`${name}/${key}`, Buffer.from(value, 'base64').toString()]);
  }
  return containerEnvironment(container, { podName, secrets: Object.fromEntries(secrets) });
}

/** To the API server, and to the application. */
function waysOf(env: Readonly<Record<string, string>>, application: number): Map<number, number> {
  const apiServer = Number(env.KUBERNETES_SERVICE_PORT);
  const urls = Object.entries(env).filter(([name]) => /^(.+__)?REQ_URL$/.test(name));
  return new Map([[apiServer, apiServer], ...urls.map(([, url]) => [Number(new URL(url).port), application] as const)]);
}

async function untilStarted(program: Program, container: Container, network: PodNetwork): Promise<void> {
  const started = async (): Promise<boolean> =>
    (await askProbe(container, container.startupProbe, network)).status === 200;
  await whileRunning(program, eventually(started, { timeoutMs: 20_000, intervalMs: 20 }));
}

async function untilDone({ exited }: Program): Promise<void> {
  const { code } = await exited;
  if (code !== 0) throw new Error(`the init container ended with ${code}`);
}

function filesOf(env: Readonly<Record<string, string>>, volume: string): Record<string, string> {
  const prefixes = Object.keys(env).flatMap(
    (name) => /^(.+__)?FOLDER$/.exec(name)?.[0].slice(0, -'FOLDER'.length) ?? [],
  );
  const files = prefixes.flatMap((prefix) => {
    const [path, seen] = [env[`${prefix}FOLDER`]!, env[`${prefix}APP_FOLDER`]!];
    const tree = readTree(join(volume, path.slice('/sync'.length)));
    return Object.entries(tree).map(([file, content]) => [join(seen, file), content] as const);
  });
  return Object.fromEntries(files);
}
