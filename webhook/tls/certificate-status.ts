import { X509Certificate } from 'node:crypto';
import type { KeyPairPem } from './certificate.ts';
import { validityReason, type Trust } from './trust.ts';

/** What there is to tell of the certificates; times in milliseconds since 1970, null where nothing is known. */
export interface CertificateFacts {
  readonly servingUntil: number | null;
  /** When what verifies the serving certificate in the live caBundle ends. */
  readonly caUntil: number | null;
  /** Whether the live caBundle verifies the serving certificate. */
  readonly trusted: boolean | null;
  /** Whether the files hold what is served. */
  readonly filesServed: boolean | null;
}

/** Remembers what is served, what the API server makes of it, and what became of the files. */
export class CertificateStatus {
  readonly #looksUp: boolean;
  readonly #onChange: () => void;
  #serving: X509Certificate | null = null;
  #trust: Trust | null = null;
  #filesServed: boolean | null = null;

  /** Without look-ups nobody will judge. */
  constructor({ looksUp, onChange }: { looksUp: boolean; onChange: () => void }) {
    this.#looksUp = looksUp;
    this.#onChange = onChange;
  }

  serve({ certificate }: KeyPairPem): void {
    this.#serving = new X509Certificate(certificate);
    this.#onChange();
  }

  judge(trust: Trust): void {
    this.#trust = trust;
    this.#onChange();
  }

  lookAtFiles(isServed: boolean): void {
    this.#filesServed = isServed;
  }

  /** Why no reviews should come, or null. */
  notReadyReason(now: number): string | null {
    if (!this.#serving) return this.#trust?.reason ?? 'there is no serving certificate yet';
    const invalid = validityReason(this.#serving, now);
    if (invalid !== null) return `the serving certificate ${invalid}`;
    const unjudged = this.#looksUp ? 'the webhook configuration has not been read yet' : null;
    return this.#trust ? this.#trust.reason : unjudged;
  }

  facts(): CertificateFacts {
    return {
      servingUntil: this.#serving?.validToDate.getTime() ?? null,
      caUntil: this.#trust?.until ?? null,
      trusted: this.#trust && this.#trust.reason === null,
      filesServed: this.#filesServed,
    };
  }
}
