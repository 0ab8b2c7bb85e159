import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { findFreePort } from '../../../test/control-plane/free-port.ts';
import { startProcess, type LeashedProcess } from '../../../test/control-plane/leashed-process.ts';
import { eventually } from '../../../test/eventually.ts';
import type { Subject } from '../metric.ts';
import type { PodFiles } from './pod-files.ts';
import { processFigures, type ProcessFigures } from '../process-figures.ts';

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

interface Started {
  readonly process: LeashedProcess;
  /** `performance.now()` when it was. */
  readonly ready: Promise<number>;
}

async function start(contender: Contender, environment: Environment, site: LaunchSite): Promise<Started> {
  const port = await findFreePort('127.0.0.1', Math.random);
  const files = join(site.folder, `process-${port}`);
  const process = await startProcess({
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
    // A file: who reads lines would take a core from what is measured.
    logFile: `${files}.log`,
    signal: site.signal,
  });
  const isReady = contender.role === 'bound' ? () => existsSync(`${files}.done`) : () => isHealthy(port);
  const ended = new AbortController();
  void process.exited.then(() => ended.abort());
  const ready = untilReady(isReady, AbortSignal.any([site.signal, ended.signal])).catch((cause: unknown) => {
    if (ended.signal.aborted) return tooEarly(contender, process, `${files}.log`);
    throw cause;
  });
  return { process, ready };
}

async function untilReady(isReady: () => Promise<boolean> | boolean, signal: AbortSignal): Promise<number> {
  // 5 ms are a fiftieth of the budget, and long beside what a question costs.
  await eventually(isReady, { timeoutMs: 120_000, intervalMs: 5, signal });
  return performance.now();
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

async function tooEarly({ name }: Contender, process: LeashedProcess, logFile: string): Promise<never> {
  const { code, signal } = await process.exited;
  const log = await readFile(logFile, 'utf8').catch(() => '');
  throw new Error(`${name} ended (${signal ?? `status ${code}`}) before it was ready: ${log.slice(-2000)}`);
}

function sum(a: ProcessFigures, b: ProcessFigures): ProcessFigures {
  return {
    residentMiB: a.residentMiB + b.residentMiB,
    anonymousMiB: a.anonymousMiB + b.anonymousMiB,
    peakMiB: a.peakMiB + b.peakMiB,
    cpuMs: a.cpuMs + b.cpuMs,
  };
}
