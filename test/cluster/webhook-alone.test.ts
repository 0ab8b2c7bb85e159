import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { PodSpec } from '../../webhook/pod.ts';
import { issueCa, issueCertificate } from '../../webhook/tls/certificate.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../control-plane/temporary-folder.ts';
import { eventually } from '../eventually.ts';
import { logEntries } from '../product/log-entries.ts';
import { copyProgram, startProgram, whileRunning } from '../product/program.ts';
import { asking, pod } from '../product/test-objects.ts';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await createTemporaryFolder('sync-sidecar-test-');
});

afterEach(() => folder.remove());

async function file(name: string, content: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, content);
  return path;
}

async function post(options: https.RequestOptions, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const sent = https.request({ host: 'localhost', agent: false, method: 'POST', headers, ...options });
  const [response] = (await once(sent.end(JSON.stringify(body)), 'response')) as [IncomingMessage];
  return JSON.parse(await text(response));
}

/** As it lies in the image: one file, and no packages beside it. */
describe('the webhook as it is built', () => {
  it('serves reviews without any cluster, with the certificate that it is given', async () => {
    const lifetime = { now: Date.now(), lifetimeMs: 60 * 60_000 };
    const ca = await issueCa({ commonName: 'ca', ...lifetime });
    const names = { commonName: 'x', dnsNames: ['localhost'], ipAddresses: [], usage: 'server' } as const;
    const pair = await issueCertificate(ca, { ...names, ...lifetime });
    const env = {
      TLS_MODE: 'files',
      TLS_CERT_FILE: await file('tls.crt', pair.certificate),
      TLS_KEY_FILE: await file('tls.key', pair.privateKey),
      ...{ LOOKUPS: 'off', PORT: '0', METRICS_PORT: '0', SHUTDOWN_DELAY: '0' },
    };
    const program = await startProgram({ name: 'webhook', env, home: folder.path });
    try {
      const said = (msg: string) => logEntries(program).find((line) => line.msg === msg);
      await whileRunning(
        program,
        eventually(() => said('ready') !== undefined, { timeoutMs: 20_000 }),
      );
      const { port } = said('listening') as unknown as { port: number };
      const object = pod({ name: 'app', annotations: asking });
      const kind = { group: '', version: 'v1', kind: 'Pod' };
      const request = { uid: '705ab4f5', kind, namespace: 'shop', operation: 'CREATE', object };
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };

      expect(await post({ port, path: '/mutate', ca: ca.certificate }, review)).toMatchObject({
        response: { uid: '705ab4f5', allowed: true, auditAnnotations: { decision: 'injected' } },
      });
      expect(await program.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await program.kill();
    }
  });

  it('renders a file', async () => {
    const program = await copyProgram('webhook', folder.path);
    const { spec } = pod({ name: 'app' }) as { spec: PodSpec };
    const template = { metadata: { annotations: asking }, spec };
    const manifest = { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'app' }, template };
    const path = await file('template.yaml', JSON.stringify(manifest));

    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, 'render', path], { env: {} });

    const rendered = parse(stdout) as { template: { spec: PodSpec } };
    expect(stderr).toContain('PodTemplate app: injected');
    expect(rendered.template.spec.initContainers?.map(({ name }) => name)).toEqual(['sync-sidecar']);
  });
});
