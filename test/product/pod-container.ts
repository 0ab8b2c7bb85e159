import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Probe } from '../../webhook/pod.ts';
import type { PodNetwork } from './pod-network.ts';
import { restrictions, type PodSidecar } from './pod-sidecar.ts';
import { mountsOf } from './pod-volumes.ts';
import { startProgram, type Program } from './program.ts';
import { healthOf } from './sidecar-program.ts';

/** What the containers of a pod have from it. */
export interface PodSurroundings {
  readonly account: PodSidecar;
  /** For the roots of containers; the caller removes it. */
  readonly folder: string;
  /** Where the files of its volumes are, by their names. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly network: PodNetwork;
  /** For containers that name no user. */
  readonly runAsUser?: number | undefined;
}

/** Runs the sidecar as a container of a pod: with its arguments, its mounts in a root of its own, its user, and the network of the pod. */
export function startContainer(
  { args = [], securityContext = {}, volumeMounts = [] }: Container,
  env: Readonly<Record<string, string>>,
  pod: PodSurroundings,
): Promise<Program> {
  const { account, folder, volumes, network } = pod;
  const { readOnlyRootFilesystem, runAsUser: uid = pod.runAsUser } = securityContext;
  const root = [mkdtempSync(join(folder, 'root-')), ...mountsOf({ volumeMounts }, volumes), `${folder}=${folder}`];
  return startProgram({
    name: 'sidecar',
    env,
    home: folder,
    node: '/var/run/node',
    flags: args,
    namespaces: { network: network.namespace },
    wrap: [
      ...account.wrap({ root }),
      ...restrictions({
        ...(uid !== undefined && { uid }),
        ...(readOnlyRootFilesystem === true && { readOnlyRoot: true }),
      }),
    ],
  });
}

/** The variables by which a pod finds the API server. */
export function apiServerOf({ env }: PodSidecar): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('KUBERNETES_SERVICE_')));
}

/** What a probe of a container is answered. */
export async function askProbe(
  { ports = [] }: Container,
  probe: Probe | undefined,
  network: PodNetwork,
): Promise<{ status: number; body: string }> {
  const { path = '/', port = 0 } = probe?.httpGet ?? {};
  const named = ports.find(({ name }) => name === port)?.containerPort;
  return healthOf(await network.reach(named ?? Number(port)))(path);
}
