import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { issueCa, type KeyPairPem } from './certificate.ts';
import { CertificateStatus } from './certificate-status.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const hourMs = 60 * 60_000;

let pair: KeyPairPem;
let changes: number;

beforeAll(async () => {
  pair = await issueCa({ commonName: 'serving', now, lifetimeMs: hourMs });
});

beforeEach(() => {
  changes = 0;
});

function statusOf({ looksUp = true } = {}): CertificateStatus {
  return new CertificateStatus({ looksUp, onChange: () => changes++ });
}

describe('readiness, as far as certificates go', () => {
  it('needs a certificate, and that the API server trusts it', () => {
    const status = statusOf();
    const reasons = [status.notReadyReason(now)];
    status.serve(pair);
    reasons.push(status.notReadyReason(now));
    status.judge({ reason: 'the caBundle is wrong', until: null });
    reasons.push(status.notReadyReason(now));
    status.judge({ reason: null, until: now });
    reasons.push(status.notReadyReason(now));

    expect(reasons).toEqual([
      'there is no serving certificate yet',
      'the webhook configuration has not been read yet',
      'the caBundle is wrong',
      null,
    ]);
    expect(changes).toBe(3);
  });

  it('needs no judgement where nobody looks it up', () => {
    const status = statusOf({ looksUp: false });
    status.serve(pair);

    expect(status.notReadyReason(now)).toBeNull();
  });

  it('ends with the certificate, whether somebody has looked or not', () => {
    const status = statusOf();
    status.serve(pair);
    status.judge({ reason: null, until: null });

    expect(status.notReadyReason(now + hourMs + 1)).toBe(
      'the serving certificate has expired at 2026-01-01T01:00:00.000Z',
    );
  });

  it('tells what keeps a certificate from being issued', () => {
    const status = statusOf();
    status.judge({ reason: 'cannot get secrets', until: null });

    expect(status.notReadyReason(now)).toBe('cannot get secrets');
  });
});

describe('the facts of certificates', () => {
  it('are unknown at first', () => {
    expect(statusOf().facts()).toEqual({ servingUntil: null, caUntil: null, trusted: null, filesServed: null });
  });

  it('are what was last told', () => {
    const status = statusOf();
    status.serve(pair);
    status.judge({ reason: null, until: now + 2 * hourMs });
    status.lookAtFiles(false);

    expect(status.facts()).toEqual({
      servingUntil: now + hourMs,
      caUntil: now + 2 * hourMs,
      trusted: true,
      filesServed: false,
    });
    status.judge({ reason: 'no', until: null });
    expect(status.facts()).toMatchObject({ trusted: false, caUntil: null });
  });
});
