import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { describeProblem } from '../../shared/settings/problem.ts';
import { readCertificateFiles } from './certificate-files.ts';
import { issueCa, type KeyPairPem } from './certificate.ts';

let scratch: ReturnType<typeof scratchFolder>;
let files: { certificate: string; privateKey: string };
let pair: KeyPairPem;
let other: KeyPairPem;

beforeAll(async () => {
  const options = { now: Date.now(), lifetimeMs: 60_000 };
  [pair, other] = await Promise.all([
    issueCa({ commonName: 'a', ...options }),
    issueCa({ commonName: 'b', ...options }),
  ]);
});

beforeEach(() => {
  scratch = scratchFolder();
  files = { certificate: join(scratch.path, 'tls.crt'), privateKey: join(scratch.path, 'tls.key') };
});

afterEach(() => scratch[Symbol.dispose]());

function write({ certificate, privateKey }: Partial<KeyPairPem>): void {
  if (certificate !== undefined) writeFileSync(files.certificate, certificate);
  if (privateKey !== undefined) writeFileSync(files.privateKey, privateKey);
}

/** The problems in words, with the folder left out. */
async function problems(): Promise<string[]> {
  const found = await readCertificateFiles(files);
  if (!('problems' in found)) throw new Error('there are none');
  return found.problems.map((problem) => describeProblem(problem).replaceAll(`${scratch.path}/`, ''));
}

describe('the files of a serving certificate', () => {
  it('are a pair, with what follows the certificate as its chain', async () => {
    write({ certificate: pair.certificate + other.certificate, privateKey: pair.privateKey });

    expect(await readCertificateFiles(files)).toEqual({
      pair: { certificate: pair.certificate + other.certificate, privateKey: pair.privateKey },
    });
  });

  it('are both named when they are not there', async () => {
    expect(await problems()).toEqual([
      'TLS_CERT_FILE: names tls.crt, which cannot be read (ENOENT)',
      'TLS_KEY_FILE: names tls.key, which cannot be read (ENOENT)',
    ]);
  });

  it.each([
    { what: 'empty', certificate: '', privateKey: '' },
    { what: 'the wrong way round', certificate: 'key', privateKey: 'certificate' },
  ])('are both named when they are $what', async ({ certificate, privateKey }) => {
    write({ certificate: certificate && pair.privateKey, privateKey: privateKey && pair.certificate });

    expect(await problems()).toEqual([
      'TLS_CERT_FILE: names tls.crt, which holds no PEM certificate',
      'TLS_KEY_FILE: names tls.key, which holds no PEM private key without password',
    ]);
  });

  it.each([
    { what: 'that of another certificate', key: () => other.privateKey },
    { what: 'another one, elliptic and in its old form', key: () => ellipticKey() },
  ])('are no pair when the key is $what', async ({ key }) => {
    write({ certificate: pair.certificate, privateKey: key() });

    expect(await problems()).toEqual([
      'TLS_KEY_FILE: names tls.key, which holds another key than that of the certificate',
    ]);
  });
});

function ellipticKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  return privateKey;
}
