import { randomUUID } from 'node:crypto';
import { bareEnvironment, runCommand, type CommandResult } from './leashed-process.ts';
import { eventually } from '../eventually.ts';

/** Plain facts with which any process of this machine can talk to a control plane as its admin. */
export interface Connection {
  /** URL of the API server. */
  server: string;
  /** PEM of the CA that signed the API server's certificate, and a file that holds it. */
  ca: string;
  caFile: string;
  /** PEM of a client certificate of the group system:masters, and its key. */
  clientCertificate: string;
  clientKey: string;
  /** Path of a kubeconfig that holds the above. */
  kubeconfig: string;
  /** Path of a kubectl that fits the API server. */
  kubectlPath: string;
  /** Where kubectl keeps its cache; goes with the control plane. */
  home: string;
  /** The network namespace in which `server` is reached; absent: the caller's. */
  networkNamespace?: string;
}

export interface KubectlOptions {
  input?: string;
  signal?: AbortSignal;
}

export interface Cluster extends Connection {
  /** Runs kubectl as admin. A failure is a result (`code`, `stderr`), not an error. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** Runs kubectl as admin and answers its stdout; a failure is an error with kubectl's words. */
  kubectlOutput(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** `kubectl apply` of a YAML text, or of objects. Errors as kubectlOutput. */
  apply(manifest: string | readonly object[], namespace?: string): Promise<void>;
  /** `kubectl get ARGS -o json`, parsed. Errors as kubectlOutput. */
  get<T = unknown>(...args: string[]): Promise<T>;
  /** Makes a namespace PREFIX-RANDOM in which pods can be created, and answers its name. */
  createNamespace(prefix: string, labels?: Record<string, string>): Promise<string>;
  /** A token from the TokenRequest API. The API server gives none for less than 600 s. */
  serviceAccountToken(namespace: string, name: string, options?: { expirationSeconds?: number }): Promise<string>;
}

/** The ways to use a control plane that tests and demo share. */
export function openCluster(connection: Connection): Cluster {
  const kubectl: Cluster['kubectl'] = (args, { input, signal } = {}) =>
    runCommand({ ...kubectlCommand(connection, args), ...(signal && { signal }) }, input);
  const kubectlOutput: Cluster['kubectlOutput'] = async (args, options) => outputOf(args, await kubectl(args, options));
  return {
    ...connection,
    kubectl,
    kubectlOutput,
    apply: async (manifest, namespace) => {
      const inNamespace = namespace === undefined ? [] : ['--namespace', namespace];
      await kubectlOutput(['apply', ...inNamespace, '--filename', '-'], { input: manifestText(manifest) });
    },
    get: async <T>(...args: string[]) => JSON.parse(await kubectlOutput(['get', ...args, '--output', 'json'])) as T,
    createNamespace: (prefix, labels) => createNamespace(kubectlOutput, prefix, labels),
    serviceAccountToken: async (namespace, name, { expirationSeconds = 3600 } = {}) => {
      const duration = `--duration=${expirationSeconds}s`;
      return (await kubectlOutput(['create', 'token', name, '--namespace', namespace, duration])).trim();
    },
  };
}

function kubectlCommand({ kubectlPath, kubeconfig, home, networkNamespace }: Connection, args: readonly string[]) {
  return {
    command: kubectlPath,
    args: ['--kubeconfig', kubeconfig, ...args],
    env: bareEnvironment(home),
    ...(networkNamespace !== undefined && { namespaces: { network: networkNamespace } }),
  };
}

function outputOf(args: readonly string[], { code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout;
  throw new Error(`kubectl ${args.join(' ')} failed: ${stderr.trim()}`);
}

function manifestText(manifest: string | readonly object[]): string {
  if (typeof manifest === 'string') return manifest;
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifest });
}

async function createNamespace(
  kubectlOutput: Cluster['kubectlOutput'],
  prefix: string,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = `${prefix}-${randomUUID().slice(0, 8)}`;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await kubectlOutput(['create', '--filename', '-'], { input: JSON.stringify(namespace) });
  // Admission refuses pods until the controller manager has made this ServiceAccount.
  await eventually(() => kubectlOutput(['get', 'serviceaccount', 'default', '--namespace', name]), {
    timeoutMs: 15_000,
  });
  return name;
}
