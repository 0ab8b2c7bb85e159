import { access } from 'node:fs/promises';
import type { Binaries } from './programs.ts';
import type { Cluster } from './cluster.ts';
import { startComponent, untilReady, type Component } from './component.ts';
import { apiServerArgs, controllerManagerArgs, etcdArgs, etcdSocket, type Layout } from './component-args.ts';
import type { CredentialFiles } from './credentials.ts';
import type { OnProgress } from './progress.ts';

export interface ProcessesOptions {
  binaries: Binaries;
  layout: Layout;
  files: CredentialFiles;
  networkNamespace: string | undefined;
  /** By which readiness is asked. */
  cluster: Pick<Cluster, 'kubectlOutput'>;
}

/** The three programs of one control plane, in the order in which they need each other. */
export class Processes {
  readonly #options: ProcessesOptions;
  #etcd: Component | undefined;
  #apiServer: Component | undefined;
  #controllerManager: Component | undefined;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** Starts all three; throws a ComponentError when one of them ends or does not get ready, or the signal's reason. */
  async start(signal: AbortSignal, onProgress: OnProgress = () => {}): Promise<void> {
    onProgress({ step: 'starting etcd' });
    await this.#startEtcd(signal);
    onProgress({ step: 'starting kube-apiserver' });
    await this.startApiServer(signal);
    onProgress({ step: 'starting kube-controller-manager' });
    await this.#startControllerManager(signal);
  }

  async #startEtcd(signal: AbortSignal): Promise<void> {
    const { binaries, layout } = this.#options;
    this.#etcd = await this.#component('etcd', binaries.etcd, etcdArgs(layout));
    // An API server that finds no socket waits a second before it looks again.
    const check = async () => {
      await access(etcdSocket(layout));
      return true;
    };
    await untilReady(this.#etcd, { check, needs: [], signal });
  }

  async startApiServer(signal: AbortSignal): Promise<void> {
    const { binaries, layout, files } = this.#options;
    this.#apiServer = await this.#component('kube-apiserver', binaries.kubeApiserver, apiServerArgs(layout, files));
    const check = () => this.#kubectl('get', '--raw', '/readyz');
    await untilReady(this.#apiServer, { check, needs: present(this.#etcd), signal });
  }

  async stopApiServer(): Promise<void> {
    await this.#apiServer?.process.stop();
  }

  async #startControllerManager(signal: AbortSignal): Promise<void> {
    const { binaries, files } = this.#options;
    const command = binaries.kubeControllerManager;
    this.#controllerManager = await this.#component('kube-controller-manager', command, controllerManagerArgs(files));
    // It makes this ServiceAccount in each namespace; before that admission refuses pods.
    const check = () => this.#kubectl('get', 'serviceaccount', 'default', '--namespace', 'default');
    await untilReady(this.#controllerManager, { check, needs: present(this.#etcd, this.#apiServer), signal });
  }

  /** Kills what runs, those first who need the others: an API server without etcd does not end for minutes. */
  async kill(): Promise<void> {
    for (const component of present(this.#controllerManager, this.#apiServer, this.#etcd)) {
      await component.process.kill();
    }
  }

  #component(name: string, command: string, args: readonly string[]): Promise<Component> {
    const { layout, networkNamespace } = this.#options;
    const namespaces = networkNamespace === undefined ? undefined : { network: networkNamespace };
    return startComponent({ name, command, args, directory: layout.directory, namespaces });
  }

  #kubectl(...args: string[]): Promise<string> {
    // An API server that has just begun to listen may accept a request and leave it without an answer.
    return this.#options.cluster.kubectlOutput(['--request-timeout', '5s', ...args]);
  }
}

function present(...components: (Component | undefined)[]): Component[] {
  return components.filter((component) => component !== undefined);
}
