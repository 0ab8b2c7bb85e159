import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { findFreePort } from '../../../test/control-plane/free-port.ts';
import type { Subject } from '../metric.ts';
import type { PodFiles } from '../pod-files.ts';
import { processFigures, type ProcessFigures } from '../process-figures.ts';
import { startContender, type Started } from '../start-contender.ts';

/** A program that takes part. */
export interface Contender extends Subject {
  /** As `exec` of a shell takes it. */
  readonly command: string;
  /** How it is told of several syncs: all in one process, or a process for each. */
  readonly manySyncs: 'one process' | 'a process each';
}

/** What a program is to sync: names and meanings are those of kiwigrid/k8s-sidecar. */
export type SyncSpec = Readonly<Record<'LABEL' | 'NAMESPACE' | 'FOLDER', string>> & {
  readonly REQ_URL?: string;
};

export interface LaunchSite {
  readonly pod: PodFiles;
  /** For logs; the caller removes it. */
  readonly folder: string;
  /** Of the API server, or of a relay before it. */
  readonly apiPort: number;
  /** PATH of the caller, by which a peer's interpreter is found. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/** The process, or the processes, that do what was asked for. */
export interface Launched extends AsyncDisposable {
  /** Resolves with the milliseconds from the start to the moment at which all said that they are ready. */
  readonly ready: Promise<number>;
  /** Sums over the processes; throws when one has ended. */
  figures(): ProcessFigures;
  /** SIGTERM; resolves with the milliseconds until all have ended. */
  terminate(): Promise<number>;
}

/** Starts a program as a container of a pod would. */
export async function launch(contender: Contender, syncs: readonly SyncSpec[], site: LaunchSite): Promise<Launched> {
  const environments = contender.manySyncs === 'one process' ? [together(syncs)] : syncs;
  const startedAt = performance.now();
  const processes = await Promise.all(environments.map((environment) => start(contender, environment, site)));
  const ready = Promise.all(processes.map((process) => process.ready)).then((times) => Math.max(...times) - startedAt);
  // Who does not wait for it must not fail of it.
  ready.catch(() => undefined);
  return {
    ready,
    figures: () => processes.map(({ process }) => processFigures(process.pid)).reduce(sum),
    terminate: async () => {
      const toldAt = performance.now();
      await Promise.all(processes.map(({ process }) => process.stop()));
      return performance.now() - toldAt;
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(processes.map(({ process }) => process.kill()))),
  };
}

/** One environment for several syncs; a single one needs no name. */
function together(syncs: readonly SyncSpec[]): Environment {
  const [only, ...more] = syncs;
  if (only && more.length === 0) return { ...only };
  const own: Record<string, string> = {};
  for (const [index, sync] of syncs.entries()) {
    for (const [name, value] of Object.entries(sync)) own[`S${index}__${name}`] = value;
  }
  return { ...own, SYNCS: syncs.map((_, index) => `s${index}`).join(',') };
}

type Environment = Readonly<Record<string, string>>;

async function start(contender: Contender, environment: Environment, site: LaunchSite): Promise<Started> {
  const port = await findFreePort('127.0.0.1', Math.random);
  const files = join(site.folder, `process-${port}`);
  const isReady = contender.role === 'bound' ? () => existsSync(`${files}.done`) : () => isHealthy(port);
  return startContender({
    name: contender.name,
    isReady,
    // `exec`: the pid is the program's, so that no shell is measured.
    ...site.pod.inPod({ command: '/bin/sh', args: ['-c', `exec ${contender.command}`] }),
    env: {
      ...environment,
      RESOURCE: 'configmap',
      HEALTH_PORT: String(port),
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(site.apiPort),
      PATH: site.path,
      HOME: site.folder,
      ...(contender.role === 'bound' && { DONE_FILE: `${files}.done` }),
    },
    logFile: `${files}.log`,
    // A fiftieth of the smallest budget, and long beside what a question costs.
    pauseMs: 5,
    signal: site.signal,
  });
}

/** `/healthz` is what kiwigrid/k8s-sidecar has, and means with us what it means there. */
function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', reject);
  });
}

function sum(a: ProcessFigures, b: ProcessFigures): ProcessFigures {
  return {
    residentMiB: a.residentMiB + b.residentMiB,
    anonymousMiB: a.anonymousMiB + b.anonymousMiB,
    peakMiB: a.peakMiB + b.peakMiB,
    cpuMs: a.cpuMs + b.cpuMs,
  };
}
