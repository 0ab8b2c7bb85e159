import { join } from 'node:path';
import type { Connection } from '../control-plane/cluster.ts';
import { bareEnvironment, runCommand, type CommandResult } from '../control-plane/leashed-process.ts';

export interface HelmOptions {
  /** Path of the helm command. */
  program: string;
  /** For its cache, configuration and data; the caller removes it. */
  folder: string;
  /** The cluster that it works on; without one it can only render. */
  cluster?: Pick<Connection, 'kubeconfig' | 'networkNamespace'>;
}

export interface HelmRun {
  input?: string;
  signal?: AbortSignal;
}

export interface Helm {
  /** Runs helm. A failure is a result (`code`, `stderr`), not an error. */
  helm(args: readonly string[], run?: HelmRun): Promise<CommandResult>;
  /** Runs helm and answers its stdout; a failure is an error with helm's words. */
  helmOutput(args: readonly string[], run?: HelmRun): Promise<string>;
}

/** Helm with a home of its own: nothing that the user has set up, plugins and repositories among it, changes what it does. */
export function openHelm(options: HelmOptions): Helm {
  const command = commandOf(options);
  const helm: Helm['helm'] = (args, { input, signal } = {}) =>
    runCommand({ ...command, args, ...(signal && { signal }) }, input);
  return { helm, helmOutput: async (args, run) => outputOf(args, await helm(args, run)) };
}

function commandOf({ program, folder, cluster }: HelmOptions) {
  const networkNamespace = cluster?.networkNamespace;
  return {
    command: program,
    env: {
      ...bareEnvironment(folder),
      HELM_CACHE_HOME: join(folder, 'cache'),
      HELM_CONFIG_HOME: join(folder, 'config'),
      HELM_DATA_HOME: join(folder, 'data'),
      ...(cluster && { KUBECONFIG: cluster.kubeconfig }),
    },
    ...(networkNamespace !== undefined && { namespaces: { network: networkNamespace } }),
  };
}

function outputOf(args: readonly string[], { code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout;
  throw new Error(`helm ${args.join(' ')} failed: ${stderr.trim()}`);
}
