import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '../../../test/control-plane/temporary-folder.ts';
import { issueCa, issueCertificate } from '../../../webhook/tls/certificate.ts';
import type { AnyStage } from '../run-rows.ts';
import type { SuiteOptions } from '../suite.ts';
import { chooseCpus, type Cpus } from './cpus.ts';
import { reviews, type ReviewName } from './review-fixture.ts';
import { registerWebhook, type ClusterOptions, type RegisteredCluster } from './registered-cluster.ts';

/** What all rows share. */
export interface WebhookStage extends AnyStage {
  readonly cpus: Cpus;
  /** Removed in the end. */
  readonly folder: string;
  /** Of the caller, by which a peer's interpreter is found. */
  readonly path: string;
  readonly nodePath: string;
  /** A serving certificate for this machine, with a key as the webhook's own certificates have it. */
  readonly certificate: Readonly<Record<'TLS_CERT_FILE' | 'TLS_KEY_FILE', string>>;
  /** File → a review. */
  readonly bodies: Readonly<Record<ReviewName, string>>;
  /** Started when it is first asked for: reviews are sent while no control plane uses the machine. */
  cluster(): Promise<RegisteredCluster>;
  /** Empty where nobody has asked for a cluster. */
  kubernetesVersion(): Promise<string>;
}

export type WebhookStageOptions = ClusterOptions & Pick<SuiteOptions, 'nodePath'>;

/** Prepares all of it; `stack` takes it down. */
export async function prepareStage(options: WebhookStageOptions, stack: AsyncDisposableStack): Promise<WebhookStage> {
  const { env, signal, nodePath } = options;
  const cpus = chooseCpus(await readFile('/proc/self/status', 'utf8'));
  const temporary = await createTemporaryFolder('sync-sidecar-bench-');
  stack.defer(() => temporary.remove());
  const folder = temporary.path;
  let started: Promise<RegisteredCluster> | undefined;
  return {
    ...{ cpus, folder, signal, nodePath, path: env['PATH'] ?? '' },
    certificate: await writeCertificate(folder),
    bodies: await writeBodies(folder),
    cluster: () => (started ??= registerWebhook(options, folder, stack)),
    kubernetesVersion: async () => (started ? (await started).kubernetesVersion : ''),
  };
}

async function writeCertificate(folder: string): Promise<WebhookStage['certificate']> {
  const validity = { now: Date.now(), lifetimeMs: 24 * 60 * 60_000 };
  const ca = await issueCa({ commonName: 'bench', ...validity });
  const names = { commonName: 'localhost', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const { certificate, privateKey } = await issueCertificate(ca, { ...names, ...validity, usage: 'server' });
  const files = { TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') };
  await writeFile(files.TLS_CERT_FILE, certificate);
  await writeFile(files.TLS_KEY_FILE, privateKey, { mode: 0o600 });
  return files;
}

async function writeBodies(folder: string): Promise<WebhookStage['bodies']> {
  await mkdir(join(folder, 'reviews'));
  const written = Object.entries(reviews).map(async ([name, review]) => {
    const path = join(folder, 'reviews', `${name}.json`);
    await writeFile(path, review());
    return [name, path] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Record<ReviewName, string>;
}
