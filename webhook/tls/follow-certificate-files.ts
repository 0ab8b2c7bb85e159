import { X509Certificate } from 'node:crypto';
import { sleep } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/log/log.ts';
import { describeProblem } from '../../shared/settings/problem.ts';
import { readCertificateFiles, type CertificateFiles, type FoundPair } from './certificate-files.ts';
import type { KeyPairPem } from './certificate.ts';
import { validityReason } from './trust.ts';

export interface FollowOptions {
  readonly files: CertificateFiles;
  /** How often to read them. */
  readonly intervalMs: number;
  /** Takes each new pair. */
  readonly onCertificate: (pair: KeyPairPem) => void;
  /** Takes, after each look, whether the files hold what is served. */
  readonly onLook: (isServed: boolean) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Takes every new pair that the files hold, until `signal` is aborted. What can't be served is told once, and the pair before it stays.
 * The files are read, not watched: they are two small ones, and no watch tells of every way in which they are replaced.
 */
export async function followCertificateFiles(options: FollowOptions, first: KeyPairPem): Promise<void> {
  const { files, intervalMs, onCertificate, onLook, now, signal, log } = options;
  const complaint = new LastingComplaint();
  let served = first;
  for (await sleep(intervalMs, signal); !signal.aborted; await sleep(intervalMs, signal)) {
    const found = await readCertificateFiles(files);
    const problems = problemsWith(found, served, now());
    if ('pair' in found && problems.length === 0 && !isSame(found.pair, served)) {
      served = found.pair;
      log.info({ validTo: new X509Certificate(served.certificate).validToDate }, 'took a new serving certificate');
      onCertificate(served);
    }
    const seen = complaint.see(problems);
    if (seen === 'lasting') log.error({ problems }, 'the new serving certificate is not taken, the old one stays');
    onLook(seen === 'none');
  }
}

/** A first look may fall between the replacement of the one file and that of the other: what lasts for two is a complaint. */
class LastingComplaint {
  #before = '';
  #told = '';

  see(problems: readonly string[]): 'none' | 'lasting' | 'told' {
    const text = problems.join('\n');
    const isLasting = text !== '' && text === this.#before;
    const isTold = text === this.#told;
    this.#before = text;
    this.#told = isLasting ? text : '';
    if (!isLasting) return 'none';
    return isTold ? 'told' : 'lasting';
  }
}

/** One that nobody accepts now never replaces one that they do. */
function problemsWith(found: FoundPair, served: KeyPairPem, now: number): string[] {
  if ('problems' in found) return found.problems.map(describeProblem);
  const [reason, servedReason] = [found.pair, served].map(({ certificate }) =>
    validityReason(new X509Certificate(certificate), now),
  );
  return reason && !servedReason ? [`TLS_CERT_FILE: ${reason}`] : [];
}

function isSame(one: KeyPairPem, other: KeyPairPem): boolean {
  return one.certificate === other.certificate && one.privateKey === other.privateKey;
}
