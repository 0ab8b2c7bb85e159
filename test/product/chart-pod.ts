import { join } from 'node:path';
import { allContainers, type Container, type Pod, type Probe } from '../../webhook/pod.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import { containerEnvironment } from './container-environment.ts';
import { apiServerOf, askProbe, startContainer } from './pod-container.ts';
import { preparePodSidecar, type PodSidecar } from './pod-sidecar.ts';
import { startPodNetwork, type PodNetwork } from './pod-network.ts';
import { makeVolumes } from './pod-volumes.ts';
import { healthOf, type RunningSidecar } from './sidecar-program.ts';
import { readManifests, type Manifest } from './webhook-manifests.ts';

/** A pod as a chart renders it (test/charts), whose sidecars run here as processes: each with its own root, all with one network. */
export interface ChartPod {
  readonly namespace: string;
  /** Where the files of its volumes are, as this machine has them. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Runs a container by its name, with its environment but for what `replaced` has. */
  start(container: string, replaced?: Readonly<Record<string, string>>): Promise<RunningSidecar>;
  /** What the probes of a container are answered: startup, readiness, liveness, those that there are. */
  probe(container: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface ChartPodOptions {
  /** The file in test/charts, without `.yaml`. */
  readonly chart: string;
  /** For all files; the caller removes it. */
  readonly folder: string;
  /** What the pod's ServiceAccount `reader` may read. */
  readonly access: readonly object[];
  /** The application's port in the pod, and the port of this machine where it listens. Without it nobody does. */
  readonly application?: { readonly port: number; readonly at: number };
  /** What the Services of its namespace put into its containers. */
  readonly serviceLinks?: Readonly<Record<string, string>>;
}

export const chartsFolder = join(import.meta.dirname, '../charts');

export async function prepareChartPod(cluster: Cluster, options: ChartPodOptions): Promise<ChartPod> {
  const manifests = await readManifests(join(chartsFolder, `${options.chart}.yaml`));
  const pod = manifests.find(({ kind }) => kind === 'Pod') as Manifest & Pod;
  const account = await preparePodSidecar(cluster, options);
  const folder = join(options.folder, account.namespace);
  const network = await startPodNetwork({ folder, ways: waysOf(account, options) });
  const volumes = makeVolumes(join(folder, 'volumes'), { pod, manifests });
  const given: Given = { ...options, manifests, pod, account, folder, network, volumes };
  const containerNamed = (name: string): Container => findContainer(pod, name);
  return {
    namespace: account.namespace,
    volumes,
    start: (name, replaced = {}) => start(containerNamed(name), replaced, given),
    probe: (name) => probe(containerNamed(name), network),
    close: () => network.close(),
  };
}

interface Given extends ChartPodOptions {
  readonly manifests: readonly Manifest[];
  readonly pod: Manifest & Pod;
  readonly account: PodSidecar;
  readonly network: PodNetwork;
  readonly volumes: ReadonlyMap<string, string>;
}

function waysOf({ env }: PodSidecar, { application }: ChartPodOptions): Map<number, number> {
  const apiServer = Number(env.KUBERNETES_SERVICE_PORT);
  return new Map([[apiServer, apiServer], ...(application ? [[application.port, application.at] as const] : [])]);
}

function findContainer(pod: Pod, name: string): Container {
  const container = allContainers(pod).find((one) => one.name === name);
  if (!container) throw new Error(`the chart's pod has no container ${name}`);
  return container;
}

async function start(
  container: Container,
  replaced: Readonly<Record<string, string>>,
  given: Given,
): Promise<RunningSidecar> {
  const { account, network, pod } = given;
  const env = { ...apiServerOf(account), ...environmentOf(container, given), ...replaced };
  const program = await startContainer(container, env, { ...given, runAsUser: pod.spec?.securityContext?.runAsUser });
  const port = Number(env.HEALTH_PORT ?? 8080);
  return { ...program, health: async (path) => healthOf(await network.reach(port))(path) };
}

function environmentOf(container: Container, { manifests, pod, serviceLinks }: Given): Record<string, string> {
  const secrets = manifests
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ metadata: { name }, stringData }) =>
      Object.entries(stringData as Record<string, string>).map(([key, value]) => [`${name}/${key}`, value] as const),
    );
  return containerEnvironment(container, {
    podName: pod.metadata.name,
    secrets: Object.fromEntries(secrets),
    ...(serviceLinks && { serviceLinks }),
  });
}

type ProbedContainer = Container & { readonly readinessProbe?: Probe };

async function probe(container: ProbedContainer, network: PodNetwork): Promise<string[]> {
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe].filter(
    (one) => one?.httpGet,
  );
  const answers = await Promise.all(probes.map((one) => askProbe(container, one, network)));
  return answers.map(({ status, body }) => `${status} ${body}`);
}
