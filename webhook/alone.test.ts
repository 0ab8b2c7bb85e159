import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findFreePort } from '../test/control-plane/free-port.ts';
import { eventually } from '../test/eventually.ts';
import { scratchFolder } from '../test/scratch-folder.ts';
import { issueCa, issueCertificate, type KeyPairPem } from './tls/certificate.ts';

// A program is started here, and the machine may be busy.
jest.setTimeout(30_000);

let ca: KeyPairPem;
let serving: KeyPairPem;
let scratch: ReturnType<typeof scratchFolder>;
let child: ChildProcess | undefined;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  const lifetime = { now: Date.now(), lifetimeMs: 60 * 60_000 };
  ca = await issueCa({ commonName: 'ca', ...lifetime });
  const names = { commonName: 'x', dnsNames: ['localhost'], ipAddresses: [], usage: 'server' } as const;
  serving = await issueCertificate(ca, { ...names, ...lifetime });
});

beforeEach(() => {
  scratch = scratchFolder();
  lines = [];
});

afterEach(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  scratch[Symbol.dispose]();
});

function file(name: string, content: string): string {
  const path = join(scratch.path, name);
  writeFileSync(path, content);
  return path;
}

/** Starts the program with nothing in its environment but this. */
function start(env: Record<string, string>): ChildProcess {
  const program = join(import.meta.dirname, 'main.ts');
  const started = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let rest = '';
  started.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const complete = (rest + chunk).split('\n');
    rest = complete.pop() ?? '';
    lines.push(...complete.map((line) => JSON.parse(line) as Record<string, unknown>));
  });
  child = started;
  return started;
}

function said(msg: string): Record<string, unknown> | undefined {
  return lines.find((line) => line.msg === msg);
}

function settingsOf({ certificate, privateKey }: KeyPairPem): Record<string, string> {
  return {
    TLS_MODE: 'files',
    TLS_CERT_FILE: file('tls.crt', certificate),
    TLS_KEY_FILE: file('tls.key', privateKey),
    LOOKUPS: 'off',
    PORT: '0',
    METRICS_PORT: '0',
  };
}

interface Answer {
  status: number | undefined;
  body: string;
}

/** Verifies the certificate as the API server does. */
async function ask(path: string, body?: object): Promise<Answer> {
  const port = said('listening')?.port as number;
  const options = { host: 'localhost', port, path, ca: ca.certificate, agent: false };
  const headers = { 'content-type': 'application/json' };
  const sent = https.request({ ...options, ...(body && { method: 'POST', headers }) }).end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

async function refusesConnections(): Promise<boolean> {
  const socket = net.connect(said('listening')?.port as number, 'localhost');
  try {
    return await once(socket, 'connect').then(() => false);
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

function reviewOf(annotations: Record<string, string>): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      namespace: 'shop',
      operation: 'CREATE',
      object: { metadata: { annotations }, spec: { containers: [{ name: 'app' }] } },
    },
  };
}

describe('the webhook with TLS_MODE=files and LOOKUPS=off', () => {
  it('serves reviews without any cluster, by a configuration from a file, until it is told to end', async () => {
    const configuration =
      'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\ndefaults: { label: a }\n' +
      'profiles: { two: { syncs: [a, b], a.folder: /tmp/a, b.folder: /tmp/a/b } }\n';
    const program = start({ ...settingsOf(serving), CONFIG_FILE: file('c.yaml', configuration), SHUTDOWN_DELAY: '0' });
    await eventually(() => said('ready') !== undefined, { timeoutMs: 20_000 });

    expect(await ask('/readyz')).toEqual({ status: 200, body: 'ok' });
    const annotations = { 'sync-sidecar.io/inject': 'true', 'sync-sidecar.io/folder': '/a' };
    const { status, body } = await ask('/mutate', reviewOf(annotations));
    expect([status, JSON.parse(body)]).toMatchObject([
      200,
      { response: { uid: '705ab4f5', allowed: true, auditAnnotations: { decision: 'injected' } } },
    ]);

    program.kill('SIGTERM');
    expect(await once(program, 'close')).toEqual([0, null]);
    const complaints = lines.filter(({ level }) => level !== 'INFO').map(({ msg }) => msg);
    expect(complaints).toEqual([
      'profile two: the folder /tmp/a/b lies within the folder /tmp/a of another sync; give them folders side by side',
      'SIDECAR_IMAGE is its default, which no registry has: pods start only on nodes that were given that image',
      'LOOKUPS=off: the label of a namespace is not seen, so that only pods that ask by annotation are injected',
    ]);
  });

  it('answers a review of which half has come when it is told to end at once, and ends with 0', async () => {
    const program = start({ ...settingsOf(serving), SHUTDOWN_DELAY: '0' });
    await eventually(() => said('ready') !== undefined, { timeoutMs: 20_000 });
    const exited = once(program, 'close');
    const body = JSON.stringify(reviewOf({}));
    const options = { host: 'localhost', port: said('listening')?.port as number, path: '/mutate', agent: false };
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = https.request({ ...options, ca: ca.certificate, method: 'POST', headers });
    const answered = once(sent, 'response');
    await new Promise((resolve) => sent.write(body.slice(0, 20), resolve));

    program.kill('SIGTERM');
    await eventually(refusesConnections, { timeoutMs: 20_000 });
    sent.end(body.slice(20));

    const [response] = (await answered) as [IncomingMessage];
    expect([response.statusCode, JSON.parse(await text(response))]).toMatchObject([
      200,
      { response: { uid: '705ab4f5', allowed: true } },
    ]);
    expect(await exited).toEqual([0, null]);
  });

  it('tells by metrics which version of its configuration is in use, and that a later one is not accepted', async () => {
    const accepted = 'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\n';
    const port = await findFreePort('127.0.0.1', Math.random);
    const CONFIG_FILE = file('c.yaml', accepted);
    start({ ...settingsOf(serving), CONFIG_FILE, METRICS_PORT: String(port) });
    await eventually(() => said('ready') !== undefined, { timeoutMs: 20_000 });
    const told = async (): Promise<string[]> => {
      const body = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return body.split('\n').filter((line) => /^sync_sidecar_webhook_configuration_(info|.*_successful)/.test(line));
    };
    const version = createHash('sha256').update(accepted).digest('hex').slice(0, 12);
    const inUse = `sync_sidecar_webhook_configuration_info{version="${version}"} 1`;

    expect(await told()).toEqual([inUse, 'sync_sidecar_webhook_configuration_last_reload_successful 1']);

    writeFileSync(CONFIG_FILE, 'kind: none\n');
    await eventually(async () => (await told()).some((line) => line.endsWith('successful 0')), { timeoutMs: 20_000 });
    expect(await told()).toEqual([inUse, 'sync_sidecar_webhook_configuration_last_reload_successful 0']);
  });

  it('names the settings that then have no effect', async () => {
    start({ ...settingsOf(serving), KUBECONFIG: '/none', CA_SECRET: 'a/b', WEBHOOK_CONFIGURATION: 'c' });
    await eventually(() => said('ready') !== undefined, { timeoutMs: 20_000 });

    expect(said('these settings have no effect')).toMatchObject({
      level: 'WARNING',
      settings: ['CA_SECRET', 'WEBHOOK_CONFIGURATION', 'KUBECONFIG'],
    });
  });

  it('is not ready with a certificate that has expired', async () => {
    const past = { now: Date.now() - 2 * 60 * 60_000, lifetimeMs: 60 * 60_000 };
    start(settingsOf(await issueCa({ commonName: 'expired', ...past })));

    const reasons = (): unknown[] => lines.filter(({ msg }) => msg === 'not ready').map(({ reason }) => reason);
    await eventually(() => reasons().length > 1, { timeoutMs: 20_000 });
    expect(reasons()).toEqual([
      'warming up',
      expect.stringMatching(/^the serving certificate has expired at .*Z$/) as unknown,
    ]);
    expect(said('ready')).toBeUndefined();
  });

  it('tells every problem with its files and ends with 1', async () => {
    const program = start({ ...settingsOf(serving), TLS_CERT_FILE: '/none/tls.crt', TLS_KEY_FILE: '/none/tls.key' });

    expect(await once(program, 'close')).toEqual([1, null]);
    expect(said('2 problems with the settings')?.problems).toEqual([
      'TLS_CERT_FILE: names /none/tls.crt, which cannot be read (ENOENT)',
      'TLS_KEY_FILE: names /none/tls.key, which cannot be read (ENOENT)',
    ]);
  });

  it('tells settings that do not go together and ends with 1', async () => {
    const program = start({ LOOKUPS: 'off', TLS_MODE: 'cert-manager' });

    expect(await once(program, 'close')).toEqual([1, null]);
    expect(said('3 problems with the settings')?.problems).toHaveLength(3);
  });
});
