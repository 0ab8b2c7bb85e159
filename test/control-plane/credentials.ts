import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCa, issueCertificate, type KeyPairPem } from '../../webhook/tls/certificate.ts';

export interface CredentialsOptions {
  directory: string;
  /** What the kubeconfig names, such as https://127.0.0.1:6443. */
  server: string;
  /** Addresses by which the API server is called, besides 127.0.0.1. */
  ipAddresses: readonly string[];
  /** Milliseconds since the epoch. */
  now: number;
}

/** Key material of one control plane, and the paths of the files that hold it. */
export interface Credentials {
  ca: KeyPairPem;
  admin: KeyPairPem;
  files: CredentialFiles;
}

export interface CredentialFiles {
  ca: string;
  serving: KeyPairFiles;
  admin: KeyPairFiles;
  serviceAccountKey: string;
  adminKubeconfig: string;
}

export interface KeyPairFiles {
  certificate: string;
  privateKey: string;
}

/** Issues a throw-away CA and what hangs on it, and writes all but the CA's key into `directory`. */
export async function createCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { directory, now } = options;
  await mkdir(directory, { recursive: true });
  const ca = await issueCa({ commonName: 'sync-sidecar test CA', now, lifetimeMs });
  const [serving, admin] = await Promise.all([issueServing(ca, options), issueAdmin(ca, now)]);
  const files: CredentialFiles = {
    ca: await write(join(directory, 'ca.crt'), ca.certificate),
    serving: await writeKeyPair(join(directory, 'apiserver'), serving),
    admin: await writeKeyPair(join(directory, 'admin'), admin),
    serviceAccountKey: await write(join(directory, 'service-account.key'), newServiceAccountKey()),
    adminKubeconfig: join(directory, 'admin.kubeconfig'),
  };
  await write(files.adminKubeconfig, kubeconfigOf(options.server, ca.certificate, admin));
  return { ca, admin, files };
}

/** A control plane for tests lives for minutes; one that someone keeps to look at, for days. */
const lifetimeMs = 30 * 24 * 60 * 60_000;

async function issueServing(ca: KeyPairPem, { ipAddresses, now }: CredentialsOptions): Promise<KeyPairPem> {
  return issueCertificate(ca, {
    commonName: 'kube-apiserver',
    // https://kubernetes.io/docs/setup/best-practices/certificates/#all-certificates
    dnsNames: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
      'localhost',
    ],
    ipAddresses: [...new Set(['127.0.0.1', ...ipAddresses])],
    usage: 'server',
    now,
    lifetimeMs,
  });
}

/** The group system:masters is allowed everything, whatever RBAC says. */
async function issueAdmin(ca: KeyPairPem, now: number): Promise<KeyPairPem> {
  return issueCertificate(ca, {
    commonName: 'admin',
    organization: 'system:masters',
    dnsNames: [],
    ipAddresses: [],
    usage: 'client',
    now,
    lifetimeMs,
  });
}

/** Signs ServiceAccount tokens. PEM of PKCS #1, which every version of Kubernetes reads. */
function newServiceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** A kubeconfig of one user. Self-contained (JSON is YAML), so that it can be copied anywhere. */
export function kubeconfigOf(server: string, ca: string, user: KeyPairPem): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'sync-sidecar', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'user',
        user: {
          'client-certificate-data': base64(user.certificate),
          'client-key-data': base64(user.privateKey),
        },
      },
    ],
    contexts: [{ name: 'sync-sidecar', context: { cluster: 'sync-sidecar', user: 'user' } }],
    'current-context': 'sync-sidecar',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function writeKeyPair(base: string, pair: KeyPairPem): Promise<KeyPairFiles> {
  return {
    certificate: await write(`${base}.crt`, pair.certificate),
    privateKey: await write(`${base}.key`, pair.privateKey),
  };
}

async function write(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
