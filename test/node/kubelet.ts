import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { issueCertificate, type KeyPairPem } from '../../webhook/tls/certificate.ts';
import { startComponent, type Component } from '../control-plane/component.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { kubeconfigOf } from '../control-plane/credentials.ts';
import type { Namespaces } from '../control-plane/leashed-process.ts';
import { kubeletConfiguration } from './kubelet-configuration.ts';

export interface JoinOptions {
  programs: { kubelet: string; kubeScheduler: string };
  controlPlane: ControlPlane;
  /** Path of the cgroup for the pods. */
  cgroup: string;
  name: string;
  address: string;
  folder: string;
  namespaces: Required<Namespaces>;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A kubelet with the files that it was started with. */
export interface Kubelet {
  readonly component: Component;
  /** Kills it, and starts it as it was. */
  restart(): Promise<void>;
}

/** Starts the kubelet of a node, which registers it, and a scheduler. */
export async function joinCluster(options: JoinOptions): Promise<{ kubelet: Kubelet; scheduler: Component }> {
  return { kubelet: await startKubelet(options), scheduler: await startScheduler(options) };
}

async function startKubelet(options: JoinOptions): Promise<Kubelet> {
  const { programs, name, address, folder } = options;
  const args = [
    ...['--config', await writeConfiguration(options)],
    ...['--kubeconfig', await writeKubeconfig(options, 'kubelet', await issueNodeCertificate(options))],
    ...['--hostname-override', name, '--node-ip', address],
    ...['--root-dir', join(folder, 'kubelet'), '--cert-dir', join(folder, 'kubelet/pki')],
    '--v=2',
  ];
  const start = (): Promise<Component> => startInNode(options, programs.kubelet, args);
  let component = await start();
  const restart = async (): Promise<void> => {
    await component.process.kill();
    component = await start();
  };
  return {
    get component() {
      return component;
    },
    restart,
  };
}

async function startScheduler(options: JoinOptions): Promise<Component> {
  const { programs, controlPlane } = options;
  const admin = { certificate: controlPlane.clientCertificate, privateKey: controlPlane.clientKey };
  return startInNode(options, programs.kubeScheduler, [
    ...['--kubeconfig', await writeKubeconfig(options, 'kube-scheduler', admin)],
    '--leader-elect=false',
    // It serves nothing that is needed here, so it needs no port.
    ...['--secure-port', '0'],
  ]);
}

async function writeConfiguration({ controlPlane, cgroup, folder }: JoinOptions): Promise<string> {
  // A copy: the control plane's own files may be where the node doesn't see them.
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, controlPlane.ca);
  const path = join(folder, 'kubelet.json');
  await writeFile(path, JSON.stringify(kubeletConfiguration({ caFile, cgroup }), null, 2));
  return path;
}

function startInNode({ folder, namespaces }: JoinOptions, command: string, args: string[]): Promise<Component> {
  return startComponent({ name: basename(command), command, args, directory: folder, namespaces });
}

/** As who the Node authorizer and NodeRestriction know a kubelet: https://kubernetes.io/docs/reference/access-authn-authz/node/ */
function issueNodeCertificate({ controlPlane, name, now }: JoinOptions): Promise<KeyPairPem> {
  return issueCertificate(controlPlane.certificateAuthority, {
    commonName: `system:node:${name}`,
    organization: 'system:nodes',
    dnsNames: [],
    ipAddresses: [],
    usage: 'client',
    now,
    lifetimeMs: 30 * 24 * 60 * 60_000,
  });
}

async function writeKubeconfig({ controlPlane, folder }: JoinOptions, name: string, user: KeyPairPem): Promise<string> {
  const path = join(folder, `${name}.kubeconfig`);
  await writeFile(path, kubeconfigOf(controlPlane.server, controlPlane.ca, user), { mode: 0o600 });
  return path;
}
