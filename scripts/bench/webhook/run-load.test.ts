import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { launchAlone, type Launched, type WebhookContender } from './contender.ts';
import { runLoad } from './run-load.ts';
import { prepareStage, type WebhookStage } from './stage.ts';

// Programs are started here, and the machine may be busy.
jest.setTimeout(60_000);

let stack: AsyncDisposableStack;
let stage: WebhookStage;

async function launched(program: string): Promise<Launched> {
  const contender: WebhookContender = { name: 'other', role: 'peer', command: `${process.execPath} ${program}` };
  return stack.use(await launchAlone(contender, stage));
}

// /proc and taskset are of Linux, and a load and its server need a CPU each.
const possible = process.platform === 'linux' && availableParallelism() > 1;

(possible ? describe : describe.skip)('a load of reviews', () => {
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    const signal = new AbortController().signal;
    stage = await prepareStage(
      { env: process.env, root: false, signal, onProgress: () => undefined, nodePath: process.execPath },
      stack,
    );
  });
  afterEach(() => stack.disposeAsync());

  it('is sent by another process and tells what it took the server, and each review', async () => {
    const webhook = await launched(join(import.meta.dirname, 'bare-responder.ts'));

    await webhook.review('grafana');
    const { took, cpu, p50, p99 } = await runLoad(webhook, { name: 'grafana', before: 16, count: 200 }, stage);

    expect(took).toBeGreaterThan(p99);
    expect(p99).toBeGreaterThanOrEqual(p50);
    expect(p50).toBeGreaterThan(0);
    // The kernel counts in steps of 10 ms.
    expect(cpu).toBeLessThan(took + 20);
  });

  it('of so many reviews a second lasts as long as that takes', async () => {
    const webhook = await launched(join(import.meta.dirname, 'bare-responder.ts'));

    const { took } = await runLoad(webhook, { name: 'large', before: 0, count: 50, perSecond: 100 }, stage);

    expect(took).toBeGreaterThanOrEqual(490);
  });

  it('fails where the answer to a review is none, or is broken off', async () => {
    const program = join(stage.folder, 'failing.mjs');
    await writeFile(program, failing);
    const webhook = await launched(program);

    await expect(webhook.review('grafana')).rejects.toThrow('other answered the review of grafana with 500: {}');
    const load = runLoad(webhook, { name: 'grafana', before: 0, count: 1 }, stage);
    await expect(load).rejects.toThrow('answered with 500');
    const largeLoad = runLoad(webhook, { name: 'large', before: 0, count: 1 }, stage);
    await expect(largeLoad).rejects.toThrow(/the connection was closed|ECONNRESET|EPIPE/);
  });
});

const failing = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
const { PORT, TLS_CERT_FILE, TLS_KEY_FILE } = process.env;
const files = { cert: readFileSync(TLS_CERT_FILE), key: readFileSync(TLS_KEY_FILE) };
createServer(files, (request, response) => {
  response.statusCode = request.method === 'POST' ? 500 : 200;
  if (Number(request.headers['content-length']) > 50_000) return request.socket.end();
  request.resume().on('end', () => response.end('{}'));
}).listen(Number(PORT));
`;
