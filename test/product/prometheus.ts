import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '../control-plane/free-port.ts';
import { bareEnvironment, startProcess } from '../control-plane/leashed-process.ts';
import { eventually } from '../eventually.ts';

export interface PrometheusOptions {
  /** Path of the prometheus command. */
  program: string;
  /** For its configuration and data; the caller removes it. */
  folder: string;
  /** Ports of the loopback address that it scrapes every second, and what a ServiceMonitor or PodMonitor would say of them. */
  targets: readonly { readonly port: number; readonly labels: Readonly<Record<string, string>> }[];
  /** Path of a rule file. */
  rules: string;
}

export interface Prometheus {
  /** What its API answers: https://prometheus.io/docs/prometheus/latest/querying/api/ */
  ask<T>(path: string, parameters?: Readonly<Record<string, string>>): Promise<T>;
  stop(): Promise<unknown>;
}

/** A series of an answer, with its value now. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** Runs Prometheus as a process of this machine; resolves when it answers. */
export async function startPrometheus({ program, folder, ...configuration }: PrometheusOptions): Promise<Prometheus> {
  const config = join(folder, 'prometheus.yml');
  // JSON is YAML.
  await writeFile(config, JSON.stringify(configurationFile(configuration)));
  const port = await findFreePort('127.0.0.1', Math.random);
  const words: string[] = [];
  const server = await startProcess({
    command: program,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    env: bareEnvironment(folder),
    onLine: (line) => void words.push(line),
  });
  const url = `http://127.0.0.1:${port}`;
  const ended = server.exited.then(() => {
    throw new Error(`Prometheus ended too early; it said:\n${words.join('\n')}`);
  });
  const ready = eventually(async () => (await fetch(`${url}/-/ready`)).ok, { timeoutMs: 30_000 });
  await Promise.race([ready, ended]).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return { ask: (path, parameters) => ask(`${url}/api/v1/${path}`, parameters), stop: () => server.stop() };
}

function configurationFile({ targets, rules }: Pick<PrometheusOptions, 'targets' | 'rules'>): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [
      {
        job_name: 'test',
        static_configs: targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
      },
    ],
  };
}

async function ask<T>(url: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`);
  const answer = (await response.json()) as { status: string; error?: string; data: T };
  if (answer.status !== 'success') throw new Error(`${url} ${JSON.stringify(parameters)}: ${answer.error}`);
  return answer.data;
}
