import { truncateSync, writeFileSync } from 'node:fs';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { loadClusterAccess } from '../shared/kubernetes/load-cluster-access.ts';
import type { Logger } from '../shared/log.ts';
import type { Surroundings } from '../shared/program.ts';
import { findSameSyncs } from '../shared/settings/same-sync.ts';
import type { SidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { reasonNotComplete, type SyncStatus } from './health.ts';
import { startHealthServer } from './health-server.ts';
import { refuseUnsupported } from './not-supported.ts';
import { PathOwners } from './path-owners.ts';
import { SyncRunner } from './sync-runner.ts';

export interface SidecarOptions extends Surroundings {
  readonly settings: SidecarSettings;
  /** What the kubelet shows of a container that has ended; not there outside of a pod. */
  readonly terminationLog: string;
}

// Often enough for a person who looks at the log, seldom enough not to fill it.
const reasonIntervalMs = 60_000;

/** Runs every sync until `signal` ends it, or METHOD=LIST is done; rejects with the reason why it could not. */
export async function runSidecar(options: SidecarOptions): Promise<void> {
  const { settings, log } = options;
  log.info('Starting collector');
  refuseUnsupported(options.environment, log);
  const client = await connect(options);
  const same = findSameSyncs(settings.syncs, client.ownNamespace);
  if (same) throw new Error(`the syncs ${same.join(' and ')} have the same source and FOLDER`);
  const fatal = new AbortController();
  const signal = AbortSignal.any([options.signal, fatal.signal]);
  try {
    const pathOwners = new PathOwners();
    const runners = settings.syncs.map((sync) =>
      SyncRunner.open({ ...options, ...client, pathOwners, ...described(sync, options) }),
    );
    const status = (): SyncStatus[] => runners.map((runner) => runner.status());
    using _health = await serveHealth(options, status);
    using _reasons = tellReasons(options, status);
    await Promise.all(runners.map((runner) => runner.run(signal)));
  } finally {
    fatal.abort();
    client.client.close();
  }
}

function described(
  { name, settings }: SidecarSettings['syncs'][number],
  { settings: { process }, log }: SidecarOptions,
): { name: string; settings: typeof settings; process: typeof process; log: Logger } {
  return { name: name ?? 'sync', settings, process, log: name === null ? log : log.child({ sync: name }) };
}

async function connect(options: SidecarOptions): Promise<{ client: ApiClient; ownNamespace: string }> {
  const { KUBECONFIG, SKIP_TLS_VERIFY: skipTlsVerify } = options.settings.process;
  const access = await loadClusterAccess({ ...options, ...(KUBECONFIG && { kubeconfig: KUBECONFIG }), skipTlsVerify });
  options.log.debug({ server: access.server.origin }, `Config for cluster api at '${access.server.origin}' loaded.`);
  return { client: new ApiClient(access, { userAgent: 'sync-sidecar' }), ownNamespace: access.namespace };
}

/** Without HEALTH_REQUIRED a taken port is an error in the log: several sidecars of one pod may all use the default. */
async function serveHealth(options: SidecarOptions, status: () => SyncStatus[]): Promise<Disposable> {
  const { HEALTH_PORT, HEALTH_HOST: host, HEALTH_REQUIRED } = options.settings.process;
  if (HEALTH_PORT === 0) return nothingToClose;
  try {
    const { port, close } = await startHealthServer({ port: HEALTH_PORT, host, status, now: options.now });
    options.log.info({ port }, `Starting health server on port ${port}`);
    return { [Symbol.dispose]: close };
  } catch (cause) {
    const message = `the health server can't listen on port ${HEALTH_PORT}`;
    if (HEALTH_REQUIRED) throw new Error(message, { cause });
    options.log.error({ err: cause }, message);
    return nothingToClose;
  }
}

const nothingToClose: Disposable = { [Symbol.dispose]: () => undefined };

/** While not synced, says why: in the log once a minute, and where `kubectl describe pod` shows it when the pod is ended. */
function tellReasons({ log, terminationLog }: SidecarOptions, status: () => SyncStatus[]): Disposable {
  let written = '';
  const tell = (): void => {
    const reason = reasonNotComplete(status()) ?? '';
    if (reason !== written) writeTerminationLog(terminationLog, reason);
    written = reason;
  };
  const often = setInterval(tell, 1000);
  const seldom = setInterval(() => {
    const reason = reasonNotComplete(status());
    if (reason !== undefined) log.warn({ reason }, 'not synced yet');
  }, reasonIntervalMs);
  return {
    [Symbol.dispose]: () => {
      tell();
      for (const timer of [often, seldom]) clearInterval(timer);
    },
  };
}

/** The kubelet makes this file in every container; outside of a pod there is none, and none is made. */
function writeTerminationLog(path: string, reason: string): void {
  try {
    truncateSync(path);
    writeFileSync(path, reason, { flag: 'r+' });
  } catch {
    // Nothing reads it then.
  }
}
