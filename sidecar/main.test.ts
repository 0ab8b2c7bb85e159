import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
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
function run(env: Record<string, string>, argv: string[] = []): { ended: Promise<Ended>; terminate: () => void } {
  const { child, ended } = start(env, argv);
  const parsed = ended.then(({ code, stderr }) => ({
    code,
    lines: stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  }));
  return { ended: parsed, terminate: () => void child.kill('SIGTERM') };
}

interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(env: Record<string, string>, argv: string[] = []): { child: ChildProcess; ended: Promise<Output> } {
  const program = [join(import.meta.dirname, 'main.ts'), ...argv];
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'], signal: ends.signal });
  // The end of a test that has failed kills it.
  child.on('error', () => undefined);
  const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const ended = output.then(([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended };
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

/** Has Node execute this in the program once that listens to signals. */
function onceRunning(code: string): Record<string, string> {
  const isRunning = 'process.listenerCount("SIGTERM") > 0';
  const module = `const timer = setInterval(() => { if (${isRunning}) { clearInterval(timer); ${code} } }, 1)`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(module)}` };
}

const lastOf = ({ code, lines }: Ended) => ({ code, level: lines.at(-1)?.['level'], msg: lines.at(-1)?.['msg'] });
const put = (): unknown =>
  api.put('configmaps', { metadata: { name: 'a', namespace: 'x', labels: { sync: '' } }, data: { k: '1' } });

describe('sidecar/main.ts', () => {
  it('tells every problem with its settings in one message, and ends with 1', async () => {
    const { code, lines } = await run({ METHOD: 'wacth', NOTIFY_QUIET: 'soon', FOLDERS: '/f' }).ended;
    expect(code).toBe(1);
    expect(lines.map(({ level, msg, problems }) => [level, msg, problems])).toEqual([
      ['WARNING', 'FOLDERS: is no setting; did you mean FOLDER?', undefined],
      [
        'CRITICAL',
        '4 problems with the settings',
        [
          'LABEL: is required and not set; accepts a label key such as grafana_dashboard, or a label selector such as "app=grafana,tier in (a,b)"',
          'METHOD="wacth": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?',
          'FOLDER: is required and not set; accepts an absolute path, such as /etc/dashboards',
          'NOTIFY_QUIET="soon": is not accepted; accepts seconds, or a number with ms, s, m or h, such as 500ms (at most 24 days)',
        ],
      ],
    ]);
  });

  it('ends with 1 and says what is missing where there is no cluster', async () => {
    expect(lastOf(await run({ LABEL: 'x', FOLDER: folder }).ended)).toEqual({
      code: 1,
      level: 'CRITICAL',
      msg: 'no cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are unset, so this is no pod; outside of a cluster set KUBECONFIG',
    });
  });

  it("writes Node's warnings to its log", async () => {
    const env = { ...environment(), ...onceRunning('process.emitWarning("odd"); process.kill(process.pid)') };
    const { code, lines } = await run(env).ended;
    const warnings = lines.filter(({ level }) => level === 'WARNING');
    expect([code, warnings]).toMatchObject([
      0,
      [{ msg: 'a warning of Node', err: { type: 'Warning', message: 'odd' } }],
    ]);
  });

  it('ends with 1 at an error that nobody caught, and says where it was thrown', async () => {
    const { code, lines } = await run({ ...environment(), ...onceRunning('throw new Error("odd")') }).ended;
    expect([code, lines.at(-1)]).toMatchObject([
      1,
      {
        level: 'CRITICAL',
        msg: 'an error that nobody expected',
        err: { type: 'Error', message: 'odd' },
        stack: expect.stringMatching(/^at /),
      },
    ]);
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
      msg: 'ended before configmaps with "sync" in namespace "x" could be listed',
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

  it('refuses more collections than it can watch, in one problem', async () => {
    const NAMESPACE = Array.from({ length: 1001 }, (_, index) => `n${index}`).join();
    const { code, lines } = await run({ ...environment(), NAMESPACE }).ended;

    expect([code, lines.at(-1)]).toMatchObject([
      1,
      {
        problems: [
          expect.stringMatching(/^NAMESPACE: with RESOURCE makes 1001 collections to watch; accepts at most 1000/),
        ],
      },
    ]);
  });

  it('runs several syncs', async () => {
    put();
    const syncs = { SYNCS: 'a,b', METHOD: 'LIST', A__FOLDER: join(folder, 'a'), B__FOLDER: join(folder, 'b') };
    const { code } = await run({ ...environment(), ...syncs }).ended;
    expect(code).toBe(0);
    expect([readVisibleTree(join(folder, 'a')), readVisibleTree(join(folder, 'b'))]).toEqual([{ k: '1' }, { k: '1' }]);
  });

  it('takes flags, which are stronger than the environment', async () => {
    put();
    const { code, lines } = await run({ ...environment(), LABEL: 'other', METHOD: 'SLEEP' }, [
      '--method=LIST',
      '--label',
      'sync',
      '--req-username-file',
      '/run/user',
    ]).ended;
    expect([code, readVisibleTree(folder)]).toEqual([0, { k: '1' }]);
    expect(lines[0]).toMatchObject({
      settings: { METHOD: 'LIST', LABEL: 'sync', REQ_USERNAME_FILE: '/run/user' },
    });
  });

  it.each([
    [['--req-usrname-file=x'], '--req-usrname-file: is no setting; did you mean --req-username-file?'],
    [['--req-password=x'], '--req-password: is a secret, and every process may read the command line of another'],
    [['--method=wacth'], '--method="wacth": is not accepted; accepts WATCH, LIST or SLEEP; did you mean WATCH?'],
    [['--label'], '--label has no value'],
    [['label'], 'argument 1 is no flag'],
  ])('ends with 2 and says how it is called when it can not read its command line: %j', async (argv, fault) => {
    const { code, stdout, stderr } = await start({}, argv).ended;
    const usage = 'usage: sidecar [--SETTING VALUE]...   (more by --help)';
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${usage}\nsidecar: error: ${fault}\n` });
  });

  it('says what is missing like any other problem with the settings when it has flags', async () => {
    expect(lastOf(await run({}, ['--label=x']).ended)).toEqual({
      code: 1,
      level: 'CRITICAL',
      msg: '1 problem with the settings',
    });
  });

  it('answers --help and --version', async () => {
    const helped = await start({}, ['--help']).ended;
    expect(helped).toMatchObject({ code: 0, stderr: '' });
    expect(helped.stdout).toContain('Required:\n  LABEL, --label\n');
    expect(await start({}, ['--version']).ended).toEqual({ code: 0, stdout: 'sidecar from source\n', stderr: '' });
  });

  it('logs as LOG_FORMAT and LOG_TZ say', async () => {
    const logfmt = { LOG_FORMAT: 'logfmt', TZ: 'Asia/Kolkata', METHOD: 'LIST' };
    const { stderr } = await start({ ...environment(), ...logfmt }).ended;
    expect(stderr).toMatch(/^time=\S+\+05:30 level=INFO msg="Starting collector"$/m);
    const utc = await run({ ...environment(), TZ: 'Asia/Kolkata', LOG_TZ: 'UTC', METHOD: 'LIST' }).ended;
    expect(utc.lines[0]?.['time']).toMatch(/\+00:00$/);
  });

  it('logs as LOG_CONFIG says, and ends with 2 when that is no YAML', async () => {
    const LOG_CONFIG = join(scratch.path, 'log.yaml');
    const settings = { ...environment(), LOG_CONFIG, METHOD: 'LIST' };
    writeFileSync(LOG_CONFIG, 'root: [');
    expect(lastOf(await run(settings).ended)).toMatchObject({ code: 2, level: 'CRITICAL' });
    const handlers = { console: { class: 'logging.StreamHandler', stream: 'ext://sys.stdout' } };
    writeFileSync(LOG_CONFIG, stringify({ version: 1, root: { level: 'INFO', handlers: ['console'] }, handlers }));
    const { code, stdout, stderr } = await start(settings).ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Starting collector$/m);
  });
});
