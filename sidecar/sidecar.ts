import { join } from 'node:path';
import { errorMessage } from '../shared/error-message.ts';
import { ApiClient } from '../shared/kubernetes/api-client.ts';
import { loadClusterAccess } from '../shared/kubernetes/load-cluster-access.ts';
import type { Logger } from '../shared/log/log.ts';
import type { ProcessFacts, RenderedMetrics } from '../shared/metrics/metric-family.ts';
import { SettingsError, type Surroundings } from '../shared/program.ts';
import { environmentNaming } from '../shared/settings/naming.ts';
import { payloadProblems } from '../shared/settings/payload-template.ts';
import { describeProblem } from '../shared/settings/problem.ts';
import { findSameSyncs } from '../shared/settings/same-sync.ts';
import type { SidecarSettings } from '../shared/settings/sidecar-settings.ts';
import { scopeProblems } from '../shared/settings/scope-problems.ts';
import { selectorProblems } from '../shared/settings/sync-selector.ts';
import { scopesOf } from '../shared/settings/sync-scopes.ts';
import type { SyncStatus } from './health/health.ts';
import { startHealthServer, type HealthServerOptions } from './health/health-server.ts';
import { CountingMeter } from './health/meter.ts';
import { PathOwners } from './files/path-owners.ts';
import { proxyProblems } from './http/proxies.ts';
import { runTogether } from './sync/run-together.ts';
import { ScopeStreams } from './source/scope-streams.ts';
import { SyncSupervisor } from './sync/sync-supervisor.ts';
import { tellReasons } from './health/termination-log.ts';

export interface SidecarOptions extends Surroundings {
  readonly settings: SidecarSettings;
  /** What the kubelet shows of a container that has ended; not there outside of a pod. */
  readonly terminationLog: string;
  readonly processFacts: () => ProcessFacts;
}

/** Runs every sync until `signal` ends it, or METHOD=LIST is done; rejects with the reason why it could not. */
export async function runSidecar(options: SidecarOptions): Promise<void> {
  const { settings, log } = options;
  log.info('Starting collector');
  tellIneffective(settings, log);
  for (const problem of proxyProblems(options.environment)) log.warn(describeProblem(problem));
  const problems = [selectorProblems, payloadProblems, scopeProblems].flatMap((find) =>
    find(settings.syncs, environmentNaming),
  );
  if (problems.length > 0) throw new SettingsError(problems);
  const { client, ownNamespace } = await connect(options);
  const same = findSameSyncs(settings.syncs, ownNamespace);
  if (same) throw new Error(`the syncs ${same.join(' and ')} have the same source and FOLDER`);
  try {
    await runSyncs(options, { client, ownNamespace });
  } finally {
    client.close();
  }
}

/** What who comes from kiwigrid/k8s-sidecar may have set, and what has no effect here. */
function tellIneffective({ process, syncs }: SidecarSettings, log: Logger): void {
  const x509 = process.DISABLE_X509_STRICT_VERIFICATION ? ['DISABLE_X509_STRICT_VERIFICATION'] : [];
  const processed = syncs.some(({ settings }) => settings.IGNORE_ALREADY_PROCESSED) ? ['IGNORE_ALREADY_PROCESSED'] : [];
  const without = [...x509, ...processed];
  if (without.length > 0) log.info({ settings: without }, 'these settings have no effect');
}

interface Connection {
  readonly client: ApiClient;
  readonly ownNamespace: string;
}

async function connect(options: SidecarOptions): Promise<Connection> {
  const { KUBECONFIG, SKIP_TLS_VERIFY: skipTlsVerify } = options.settings.process;
  const { HOME } = options.environment;
  const access = await loadClusterAccess({
    ...options,
    ...(KUBECONFIG && { kubeconfig: KUBECONFIG }),
    ...(HOME && { defaultKubeconfig: join(HOME, '.kube', 'config') }),
    skipTlsVerify,
  });
  options.log.debug({ server: access.server.origin }, `Config for cluster api at '${access.server.origin}' loaded.`);
  return { client: new ApiClient(access, { userAgent: 'sync-sidecar' }), ownNamespace: access.namespace };
}

async function runSyncs(options: SidecarOptions, connection: Connection): Promise<void> {
  const { settings, signal } = options;
  const meter = new CountingMeter();
  const given = { ...options, ...connection, process: settings.process, meter };
  const streams = new ScopeStreams(given);
  const pathOwners = new PathOwners();
  const isProcessComplete = (): boolean => syncs.every((sync) => isWhole(sync.status()));
  const syncs = settings.syncs.map(({ name, settings: own }) => {
    const scopes = scopesOf(own, connection.ownNamespace);
    const sources = scopes.map((scope) => ({ scope, stream: streams.of(scope, own) }));
    const log = name === null ? options.log : options.log.child({ sync: name });
    const shared = { pathOwners, isProcessComplete };
    return new SyncSupervisor({ ...given, ...shared, settings: own, name: name ?? 'sync', log, sources });
  });
  const status = (): SyncStatus[] => syncs.map((sync) => sync.status());
  const metrics = (): Promise<RenderedMetrics> => scrape(options, meter, status());
  using _health = await serveHealth(options, { status, metrics });
  using _reasons = tellReasons({ ...options, status });
  const syncsEnded = new AbortController();
  await runTogether(
    [
      (end) => untilAllEnded(syncs, end).finally(() => syncsEnded.abort()),
      (end) => streams.run(AbortSignal.any([end, syncsEnded.signal])),
    ],
    signal,
  );
}

/** Whether a sync has had every list that it wants: READY_PARTIAL lets it be synced without some. */
function isWhole({ synced, scopes }: SyncStatus): boolean {
  return synced && scopes.every(({ listed, forbidden }) => listed && forbidden === null);
}

/** Waits for all syncs, whatever comes of one of them; rejects with every failure. */
async function untilAllEnded(syncs: readonly SyncSupervisor[], signal: AbortSignal): Promise<void> {
  const outcomes = await Promise.allSettled(syncs.map((sync) => sync.run(signal)));
  const failures = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length === 1) throw failures[0];
  const message = failures.map(errorMessage).join('; ');
  if (failures.length > 1) throw new AggregateError(failures, message);
}

/** Without HEALTH_REQUIRED a taken port is an error in the log: several sidecars of one pod may all use the default. */
async function serveHealth(options: SidecarOptions, views: HealthViews): Promise<Disposable> {
  const { HEALTH_PORT, HEALTH_HOST: host, HEALTH_REQUIRED } = options.settings.process;
  if (HEALTH_PORT === 0) return nothingToClose;
  try {
    const { port, close } = await startHealthServer({ ...options, ...views, port: HEALTH_PORT, host });
    options.log.info({ port }, `Starting health server on port ${port}`);
    return { [Symbol.dispose]: close };
  } catch (cause) {
    const message = `the health server can't listen on port ${HEALTH_PORT}`;
    if (HEALTH_REQUIRED) throw new Error(message, { cause });
    options.log.error({ err: cause }, message);
    return nothingToClose;
  }
}

type HealthViews = Pick<HealthServerOptions, 'status' | 'metrics'>;

/** Most sidecars are never scraped, and a library for metrics costs 1.6 MiB: the first scrape loads it. */
async function scrape(options: SidecarOptions, meter: CountingMeter, syncs: SyncStatus[]): Promise<RenderedMetrics> {
  const { renderMetrics } = await import('./health/metrics.ts');
  return renderMetrics({ counts: meter.counts, syncs, now: options.now(), process: options.processFacts() });
}

const nothingToClose: Disposable = { [Symbol.dispose]: () => undefined };
