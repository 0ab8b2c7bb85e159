import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { eventually } from '../test/eventually.ts';
import { startFakeApiServer, type FakeApiServer } from '../test/fake-api-server.ts';
import { readVisibleTree } from '../test/product/folder-tree.ts';
import { scratchFolder } from '../test/scratch-folder.ts';

// Programs are started here, and the machine may be busy.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
let api: FakeApiServer;
let folder: string;
let ends: AbortController;

beforeEach(async () => {
  scratch = scratchFolder();
  api = await startFakeApiServer();
  folder = join(scratch.path, 'files');
  ends = new AbortController();
});

afterEach(async () => {
  ends.abort();
  await api.stop();
  scratch[Symbol.dispose]();
});

interface Ended {
  readonly code: number | null;
  /** Its log, line by line. */
  readonly lines: Readonly<Record<string, unknown>>[];
}

/** Runs the program with nothing else in its environment. */
function run(env: Record<string, string>): { ended: Promise<Ended>; terminate: () => void } {
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'pipe'], signal: ends.signal });
  // The end of a test that has failed kills it.
  child.on('error', () => undefined);
  const ended = Promise.all([text(child.stderr), once(child, 'exit')]).then(([log, [code]]) => ({
    code: code as number | null,
    lines: log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  }));
  return { ended, terminate: () => void child.kill('SIGTERM') };
}

/** The environment of a sidecar that has the fake API server for its cluster. */
function environment(): Record<string, string> {
  const KUBECONFIG = join(scratch.path, 'kubeconfig');
  const { origin: server } = api.access.server;
  const name = 'fake';
  writeFileSync(
    KUBECONFIG,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name, user: {} }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: 'x' } }],
      'current-context': name,
    }),
  );
  return { KUBECONFIG, LABEL: 'sync', FOLDER: folder, HEALTH_PORT: '0' };
}

const lastOf = ({ code, lines }: Ended) => ({ code, level: lines.at(-1)?.['level'], msg: lines.at(-1)?.['msg'] });
const put = (): unknown =>
  api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { sync: '' } }, data: { k: '1' } });

describe('sidecar/main.ts', () => {
  it('tells every problem with its settings in one message, and ends with 1', async () => {
    const { code, lines } = await run({ METHOD: 'wacth', NOTIFY_QUIET: 'soon', FOLDERS: '/f' }).ended;
    expect(code).toBe(1);
    expect(lines.map(({ level, msg, problems }) => [level, msg, problems])).toEqual([
      ['WARN', 'FOLDERS: is no setting; did you mean FOLDER?', undefined],
      [
        'CRITICAL',
        '4 problems with the settings',
        [
          'LABEL: is required and not set; accepts a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"',
          'FOLDER: is required and not set; accepts an absolute path, such as /etc/dashboards',
          'METHOD="wacth": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
          'NOTIFY_QUIET="soon": is not accepted; accepts seconds, or a number with ms, s, m or h, such as 500ms (at most 24 days)',
        ],
      ],
    ]);
  });

  it('does not start with settings that it would have to pass over', async () => {
    const given = { LABEL: 'x', FOLDER: folder, RESOURCE_NAME: 'a', REQ_SKIP_TLS_VERIFY: 'false', ENABLE_5XX: 'true' };
    const { code, lines } = await run(given).ended;
    expect(code).toBe(1);
    expect(lines.slice(-2).map(({ level, msg, problems }) => [level, msg, problems])).toEqual([
      ['WARN', 'ENABLE_5XX: is not supported by this version', undefined],
      ['CRITICAL', '1 problem with the settings', ['RESOURCE_NAME: is not supported by this version']],
    ]);
  });

  it('ends with 1 and says what is missing where there is no cluster', async () => {
    expect(lastOf(await run({ LABEL: 'x', FOLDER: folder }).ended)).toEqual({
      code: 1,
      level: 'CRITICAL',
      msg: 'no cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are unset, so this is no pod; outside of a cluster set KUBECONFIG',
    });
  });

  it('ends with 0 when METHOD=LIST is done', async () => {
    put();
    const { code, lines } = await run({ ...environment(), METHOD: 'LIST', REQ_PASSWORD: 'word' }).ended;
    expect([code, readVisibleTree(folder)]).toEqual([0, { k: '1' }]);
    expect(lines[0]).toMatchObject({ settings: { METHOD: 'LIST', REQ_PASSWORD: '***' } });
  });

  it('ends with 0 when it is terminated while it watches', async () => {
    put();
    const { ended, terminate } = run(environment());
    await eventually(() => readVisibleTree(folder)['k'] === '1' && api.openWatches > 0, { timeoutMs: 20_000 });
    terminate();
    expect((await ended).code).toBe(0);
  });

  it('ends with 1 when it is terminated before METHOD=LIST is done', async () => {
    api.fail('list', { kind: 'hang' });
    const { ended, terminate } = run({ ...environment(), METHOD: 'LIST' });
    await eventually(() => api.requests.length > 0, { timeoutMs: 20_000 });
    terminate();
    expect(lastOf(await ended)).toEqual({
      code: 1,
      level: 'CRITICAL',
      msg: 'ended before configmaps in namespace "x" were listed',
    });
  });

  it('refuses two syncs that would share one record', async () => {
    const { ended } = run({ ...environment(), SYNCS: 'a,b,c', B__LABEL: 'other', C__UNIQUE_FILENAMES: 'true' });
    expect(lastOf(await ended)).toEqual({
      code: 1,
      level: 'CRITICAL',
      msg: 'the syncs a and c have the same source and FOLDER',
    });
  });

  it('runs several syncs', async () => {
    put();
    const syncs = { SYNCS: 'a,b', METHOD: 'LIST', A__FOLDER: join(folder, 'a'), B__FOLDER: join(folder, 'b') };
    const { code } = await run({ ...environment(), ...syncs }).ended;
    expect(code).toBe(0);
    expect([readVisibleTree(join(folder, 'a')), readVisibleTree(join(folder, 'b'))]).toEqual([{ k: '1' }, { k: '1' }]);
  });
});
