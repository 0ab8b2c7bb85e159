import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/eventually.ts';
import { projectFiles } from '../../test/product/projected-volume.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { issueCa, type KeyPairPem } from './certificate.ts';
import { followCertificateFiles } from './follow-certificate-files.ts';

const dayMs = 24 * 60 * 60_000;
const begin = Date.parse('2026-01-01T00:00:00Z');

let scratch: ReturnType<typeof scratchFolder>;
let folder: string;
let stop: AbortController;
let running: Promise<void>;
let log: ReturnType<typeof recordingLog>;
let now: number;
let first: KeyPairPem;
let second: KeyPairPem;
let expired: KeyPairPem;
/** What was taken, and what each look has shown. */
let taken: KeyPairPem[];
let looks: boolean[];

beforeAll(async () => {
  [first, second, expired] = await Promise.all([
    issueCa({ commonName: 'first', now: begin, lifetimeMs: dayMs }),
    issueCa({ commonName: 'second', now: begin + dayMs / 2, lifetimeMs: dayMs }),
    issueCa({ commonName: 'expired', now: begin - 2 * dayMs, lifetimeMs: dayMs }),
  ]);
});

beforeEach(() => {
  scratch = scratchFolder();
  folder = join(scratch.path, 'tls');
  mkdirSync(folder);
  stop = new AbortController();
  log = recordingLog();
  now = begin + dayMs / 2;
  taken = [];
  looks = [];
  project(first);
  running = followCertificateFiles(
    {
      files: { certificate: join(folder, 'tls.crt'), privateKey: join(folder, 'tls.key') },
      intervalMs: 2,
      onCertificate: (pair) => taken.push(pair),
      onLook: (isServed) => looks.push(isServed),
      now: () => now,
      signal: stop.signal,
      log: log.log,
    },
    first,
  );
});

afterEach(async () => {
  stop.abort();
  await running;
  scratch[Symbol.dispose]();
});

/** Replaces the files as the kubelet does. */
function project({ certificate, privateKey }: KeyPairPem): void {
  projectFiles(folder, { 'tls.crt': certificate, 'tls.key': privateKey });
}

/** Resolves after the next two whole looks. */
async function nextLooks(): Promise<boolean | undefined> {
  const until = looks.length + 3;
  await eventually(() => looks.length >= until, { timeoutMs: 5000, intervalMs: 2 });
  return looks.at(-1);
}

function complaints(): unknown[] {
  return log.lines.filter(({ level }) => level === 'ERROR').map(({ problems }) => problems);
}

describe('the files of the serving certificate', () => {
  it('are taken when they change, once', async () => {
    project(second);

    expect(await nextLooks()).toBe(true);
    await nextLooks();
    expect([taken, complaints()]).toEqual([[second], []]);
  });

  it('that are broken are told once and not taken, and the next good ones are', async () => {
    project({ ...second, privateKey: first.privateKey });

    expect(await nextLooks()).toBe(false);
    await nextLooks();
    project(second);

    expect(await nextLooks()).toBe(true);
    expect([taken, complaints()]).toEqual([
      [second],
      [[`TLS_KEY_FILE: names ${folder}/tls.key, which holds another key than that of the certificate`]],
    ]);
  });

  it('that are gone are told, and what was served stays', async () => {
    projectFiles(folder, { 'tls.crt': first.certificate });

    expect(await nextLooks()).toBe(false);
    expect([taken, complaints()]).toEqual([
      [],
      [[`TLS_KEY_FILE: names ${folder}/tls.key, which cannot be read (ENOENT)`]],
    ]);
  });

  it('that have expired do not replace ones that have not', async () => {
    project(expired);

    expect(await nextLooks()).toBe(false);
    expect([taken, complaints()]).toEqual([[], [['TLS_CERT_FILE: has expired at 2025-12-31T00:00:00.000Z']]]);
  });

  it('that are not valid yet are taken as soon as they are', async () => {
    now = begin;
    project(second);

    expect(await nextLooks()).toBe(false);
    now = begin + dayMs / 2;

    expect(await nextLooks()).toBe(true);
    expect(taken).toEqual([second]);
  });
});
