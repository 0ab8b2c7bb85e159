import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { errorMessage } from '../../shared/error-message.ts';
import { faultAt, type Problem } from '../../shared/settings/problem.ts';
import { systemErrorCode } from '../../shared/system-error.ts';
import { parseCertificate, type KeyPairPem } from './certificate.ts';

/** Paths of the serving certificate, with its chain, and of its private key; both PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

export type FoundPair = { readonly pair: KeyPairPem } | { readonly problems: readonly Problem[] };

/** Reads the pair, or says why it can't be served. Whether it is valid now is another question. */
export async function readCertificateFiles(files: CertificateFiles): Promise<FoundPair> {
  const certificate = await read('TLS_CERT_FILE', files.certificate);
  const privateKey = await read('TLS_KEY_FILE', files.privateKey);
  // The kubelet may have replaced both files in between: https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically
  const again = await read('TLS_CERT_FILE', files.certificate);
  if (certificate.text !== again.text) return readCertificateFiles(files);
  const problems = [certificate, privateKey].flatMap(({ problem }) => (problem ? [problem] : []));
  if (problems.length > 0) return { problems };
  const pair = { certificate: certificate.text, privateKey: privateKey.text };
  const unfit = pairProblems(pair, files);
  return unfit.length > 0 ? { problems: unfit } : { pair };
}

async function read(where: string, path: string): Promise<{ text: string; problem?: Problem }> {
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { text: '', problem: faultAt(where, `names ${path}, which cannot be read (${systemErrorCode(error)})`) };
  }
}

function pairProblems(pair: KeyPairPem, files: CertificateFiles): Problem[] {
  const certificate = parseCertificate(pair.certificate);
  const key = parseKey(pair.privateKey);
  const unread = [
    ...(certificate ? [] : [faultAt('TLS_CERT_FILE', `names ${files.certificate}, which holds no PEM certificate`)]),
    ...(key
      ? []
      : [faultAt('TLS_KEY_FILE', `names ${files.privateKey}, which holds no PEM private key without password`)]),
  ];
  if (!certificate || !key) return unread;
  return certificate.checkPrivateKey(key)
    ? tlsProblems(pair, files)
    : [faultAt('TLS_KEY_FILE', `names ${files.privateKey}, which holds another key than that of the certificate`)];
}

function parseKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

/** Whether TLS takes the pair: OpenSSL refuses keys that are too short, say. */
function tlsProblems({ certificate, privateKey }: KeyPairPem, files: CertificateFiles): Problem[] {
  try {
    createSecureContext({ cert: certificate, key: privateKey });
    return [];
  } catch (error) {
    const reason = errorMessage(error);
    return [faultAt('TLS_CERT_FILE', `names ${files.certificate}, which TLS does not take: ${reason}`)];
  }
}
