import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '../../../test/control-plane/free-port.ts';
import type { Subject } from '../metric.ts';
import type { PodFiles } from '../pod-files.ts';
import { processFigures, type ProcessFigures } from '../process-figures.ts';
import { startContender } from '../start-contender.ts';
import { ask } from './ask.ts';
import { pinned } from './cpus.ts';
import type { ReviewName } from './review-fixture.ts';
import type { WebhookStage } from './stage.ts';

/** A webhook that takes part. */
export interface WebhookContender extends Subject {
  /** As `exec` of a shell takes it. */
  readonly command: string;
}

export interface Launched extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the start to the first answer of `/readyz` that is no 5xx. */
  readonly readyMs: number;
  /** Sends one review, and throws unless the pod is admitted, and by ours with the patch that is due. */
  review(name: ReviewName): Promise<void>;
  figures(): ProcessFigures;
}

/** Starts a webhook that needs no cluster; resolves when it is ready. Everybody gets the same environment. */
export function launchAlone(contender: WebhookContender, stage: WebhookStage): Promise<Launched> {
  return launch(contender, { environment: { ...stage.certificate, TLS_MODE: 'files', LOOKUPS: 'off' } }, stage);
}

/** Starts ours as a cluster does, with its ServiceAccount, and others as without one; resolves when it is ready. */
export async function launchInCluster(contender: WebhookContender, stage: WebhookStage): Promise<Launched> {
  if (contender.role !== 'ours') return launchAlone(contender, stage);
  return launch(contender, await stage.cluster(), stage);
}

interface Place {
  readonly environment: Readonly<Record<string, string>>;
  readonly pod?: PodFiles;
}

async function launch(contender: WebhookContender, place: Place, stage: WebhookStage): Promise<Launched> {
  const startedAt = performance.now();
  const { process, ready, port, logFile } = await start(contender, place, stage);
  const end = async (): Promise<void> => {
    await process.kill();
    // A line for every review.
    await rm(logFile, { force: true });
  };
  const readyAt = await ready.catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return {
    ...{ port, pid: process.pid, readyMs: readyAt - startedAt },
    review: async (name) => review(contender, { port, name, body: await readFile(stage.bodies[name], 'utf8') }),
    figures: () => processFigures(process.pid),
    [Symbol.asyncDispose]: end,
  };
}

async function start(contender: WebhookContender, { environment, pod }: Place, stage: WebhookStage) {
  const port = Number(environment['PORT'] ?? (await findFreePort('127.0.0.1', Math.random)));
  const metricsPort = await findFreePort('127.0.0.1', Math.random);
  const logFile = join(stage.folder, `process-${port}.log`);
  // `exec`: the pid is the program's, so that no shell is measured.
  const command = { command: '/bin/sh', args: ['-c', `exec ${pinned(contender.command, stage.cpus.server)}`] };
  const ports = { PORT: String(port), METRICS_PORT: String(metricsPort) };
  const started = await startContender({
    name: contender.name,
    ...(pod?.inPod(command) ?? command),
    env: { ...environment, ...ports, PATH: stage.path, HOME: stage.folder },
    logFile,
    signal: stage.signal,
    // Each question is a TLS handshake, for which this core is not free for anything else.
    pauseMs: 20,
    isReady: async () => (await ask(port, '/readyz')).status < 500,
  });
  return { ...started, port, logFile };
}

interface ReviewOptions {
  readonly port: number;
  readonly name: ReviewName;
  readonly body: string;
}

async function review(contender: WebhookContender, { port, name, body }: ReviewOptions): Promise<void> {
  const answer = await ask(port, '/mutate?timeout=5s', body);
  const { response } = JSON.parse(answer.body) as { response?: { allowed?: boolean; patch?: string } };
  const isDue = contender.role !== 'ours' || (response?.patch !== undefined) === (name !== 'unasked');
  if (answer.status === 200 && response?.allowed === true && isDue) return;
  throw new Error(
    `${contender.name} answered the review of ${name} with ${answer.status}: ${answer.body.slice(0, 500)}`,
  );
}
