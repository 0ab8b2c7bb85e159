// What bounds the time of any program: LIST the same pages of the same API server, write the same files, no more.
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

interface Page {
  metadata: { continue?: string };
  items: { data?: Record<string, string> }[];
}

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, NAMESPACE, LABEL, FOLDER = '' } = process.env;
const account = '/var/run/secrets/kubernetes.io/serviceaccount';
const agent = new Agent({ keepAlive: true, ca: readFileSync(join(account, 'ca.crt')) });
const authorization = `Bearer ${readFileSync(join(account, 'token'), 'utf8').trim()}`;
// As many as the sidecar asks for: LIST_PAGE_SIZE.
const pageSize = 100;

async function list(continueToken: string | undefined): Promise<Page> {
  const query = new URLSearchParams({ labelSelector: LABEL ?? '', limit: String(pageSize) });
  if (continueToken !== undefined) query.set('continue', continueToken);
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?${query.toString()}`;
  const body = await new Promise<Buffer>((resolve, reject) => {
    const request = get({ host, port, path, agent, headers: { authorization } }, (response) => {
      if (response.statusCode === 200) buffer(response).then(resolve, reject);
      else reject(new Error(`the API server answered ${response.statusCode}`));
    });
    request.on('error', reject);
  });
  return JSON.parse(body.toString()) as Page;
}

async function loop(): Promise<void> {
  let next: string | undefined;
  do {
    const { metadata, items } = await list(next);
    for (const { data = {} } of items) {
      for (const [key, content] of Object.entries(data)) writeFileSync(join(FOLDER, key), content);
    }
    next = metadata.continue;
  } while (next);
  writeFileSync(process.env['DONE_FILE'] ?? '', 'done');
  // Its memory is looked at before it is ended.
  setInterval(() => undefined, 60_000);
}

void loop();
