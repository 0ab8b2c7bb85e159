import type { ApiClient } from '../../shared/kubernetes/api-client.ts';
import { SettingsError, type Surroundings } from '../../shared/program.ts';
import type { WebhookSettings } from '../settings.ts';
import { readCertificateFiles } from './certificate-files.ts';
import type { CertificateStatus } from './certificate-status.ts';
import type { KeyPairPem } from './certificate.ts';
import { issueTemporaryCertificate } from './ensure-serving.ts';
import { runMountedCertificates } from './mounted-certificates.ts';
import { runOwnCertificates } from './own-certificates.ts';

export interface CertificatesOptions extends Pick<Surroundings, 'log' | 'now' | 'random'> {
  readonly settings: WebhookSettings;
  /** Null: there are no look-ups. */
  readonly client: ApiClient | null;
  readonly status: CertificateStatus;
}

/** Where serving certificates come from. */
export interface CertificateSource {
  /** For the first connections. */
  readonly first: KeyPairPem;
  /** Keeps what is served up to date until `signal` is aborted, and tells the status of it. */
  readonly run: (serve: (pair: KeyPairPem) => void, signal: AbortSignal) => Promise<void>;
}

/** The source that TLS_MODE names. Throws a SettingsError when the files that it names hold nothing that can be served. */
export async function openCertificates(options: CertificatesOptions): Promise<CertificateSource> {
  const { client, settings } = options;
  return client && settings.TLS_MODE === 'self' ? ownCertificates(options, client) : mountedCertificates(options);
}

async function ownCertificates(
  { settings, status, ...options }: CertificatesOptions,
  client: ApiClient,
): Promise<CertificateSource> {
  const { WEBHOOK_CONFIGURATION: configurationName, CA_SECRET: caSecret } = settings;
  return {
    first: await issueTemporaryCertificate(options.now()),
    run: (serve, signal) =>
      runOwnCertificates({
        ...options,
        ...{ client, configurationName, caSecret, signal },
        onCertificate: servedBy(serve, status),
        onTrust: (trust) => status.judge(trust),
      }),
  };
}

async function mountedCertificates({ settings, status, ...options }: CertificatesOptions): Promise<CertificateSource> {
  const { TLS_MODE, TLS_CERT_FILE = '', TLS_KEY_FILE = '', WEBHOOK_CONFIGURATION: configurationName } = settings;
  const files = { certificate: TLS_CERT_FILE, privateKey: TLS_KEY_FILE };
  const found = await readCertificateFiles(files);
  if ('problems' in found) throw new SettingsError(found.problems);
  return {
    first: found.pair,
    run: (serve, signal) =>
      runMountedCertificates(
        {
          ...options,
          ...{ files, intervalMs, configurationName, signal },
          // cert-manager always sets a caBundle; somebody else may have a certificate that needs none.
          systemRoots: TLS_MODE === 'files',
          onCertificate: servedBy(serve, status),
          onTrust: (trust) => status.judge(trust),
          onLook: (isServed) => status.lookAtFiles(isServed),
        },
        found.pair,
      ),
  };
}

/** The kubelet takes a minute or so to bring a changed Secret into its volume; ten seconds more are nothing. */
const intervalMs = 10_000;

function servedBy(serve: (pair: KeyPairPem) => void, status: CertificateStatus) {
  return (pair: KeyPairPem): void => {
    serve(pair);
    status.serve(pair);
  };
}
