import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { scratchFolder } from '../test/scratch-folder.ts';

// Programs are started here, and the machine may be busy.
jest.setTimeout(30_000);

let scratch: ReturnType<typeof scratchFolder>;
let ends: AbortController;

beforeEach(() => {
  scratch = scratchFolder();
  ends = new AbortController();
});

afterEach(() => {
  ends.abort();
  scratch[Symbol.dispose]();
});

/** Runs the program to its end with nothing else in its environment; `lines` is its log, parsed. */
async function run(env: Record<string, string>): Promise<{ code: unknown; lines: Record<string, unknown>[] }> {
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'pipe'], signal: ends.signal });
  // The end of a test that has failed kills it.
  child.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code]) => code as unknown);
  const [log, code] = await Promise.all([text(child.stderr), exited]);
  const lines = log.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** Has the program render what stands on its stdin. */
async function render(input: string, flags: readonly string[] = []) {
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program, 'render', '-', ...flags], { env: {}, signal: ends.signal });
  child.on('error', () => undefined);
  const exited = once(child, 'exit').then(([code]) => code as unknown);
  // It need not read what it is not going to render.
  child.stdin.on('error', () => undefined).end(input);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, stdout, stderr };
}

/** What it says to who must act. */
function complaints({ lines }: { lines: Record<string, unknown>[] }): string[] {
  const complaining = lines.filter(({ level }) => level !== 'INFO');
  return complaining.flatMap(({ level, msg, problems = [] }) => [
    `${String(level)} ${String(msg)}`,
    ...(problems as string[]),
  ]);
}

function configurationFile(content: string): string {
  const path = join(scratch.path, 'configuration.yaml');
  writeFileSync(path, content);
  return path;
}

describe('the webhook', () => {
  it('tells every problem with its settings and ends with 1', async () => {
    const ended = await run({ PORT: 'x', CA_SECRET: 'ca', LOG_LEVEL: 'INFOO', CONFIG_FIEL: 'a' });

    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      'WARNING CONFIG_FIEL: is no setting; did you mean CONFIG_FILE?',
      'CRITICAL 3 problems with the settings',
      'PORT="x": is not accepted; accepts a whole number from 0 to 65535',
      'CA_SECRET="ca": is not accepted; accepts NAMESPACE/NAME',
      'LOG_LEVEL="INFOO": is not accepted; accepts NOTSET, DEBUG, INFO, WARN, WARNING, ERROR, FATAL or CRITICAL; did you mean INFO?',
    ]);
  });

  it('tells that its configuration file is missing and ends with 1', async () => {
    const CONFIG_FILE = join(scratch.path, 'none.yaml');

    const ended = await run({ CONFIG_FILE });

    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      'CRITICAL 1 problem with the settings',
      `CONFIG_FILE: names ${CONFIG_FILE}, which cannot be read (ENOENT)`,
    ]);
  });

  it('tells every problem with its configuration file and ends with 1', async () => {
    const CONFIG_FILE = configurationFile('apiVersion: v1\nkind: InjectionConfiguration\ndefaults: { methd: LIST }\n');

    const ended = await run({ CONFIG_FILE });

    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      'CRITICAL 2 problems with the settings',
      `${CONFIG_FILE}: apiVersion="v1": is not accepted; accepts sync-sidecar.io/v1alpha1`,
      `${CONFIG_FILE}: defaults.methd: is no setting; did you mean method?`,
    ]);
  });

  it('tells the problems with its settings and with its configuration file together', async () => {
    const CONFIG_FILE = configurationFile('apiVersion: v1\nkind: InjectionConfiguration\n');

    const ended = await run({ CONFIG_FILE, PORT: 'x' });

    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      'CRITICAL 2 problems with the settings',
      'PORT="x": is not accepted; accepts a whole number from 0 to 65535',
      `${CONFIG_FILE}: apiVersion="v1": is not accepted; accepts sync-sidecar.io/v1alpha1`,
    ]);
  });

  it('tells settings that do not go together with all other problems', async () => {
    const CONFIG_FILE = configurationFile('apiVersion: v1\nkind: InjectionConfiguration\n');

    const ended = await run({ CONFIG_FILE, PORT: 'x', LOOKUPS: 'off' });

    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      'CRITICAL 3 problems with the settings',
      'PORT="x": is not accepted; accepts a whole number from 0 to 65535',
      'LOOKUPS="off": needs a cluster with TLS_MODE=self; accepts off only with TLS_MODE=files',
      `${CONFIG_FILE}: apiVersion="v1": is not accepted; accepts sync-sidecar.io/v1alpha1`,
    ]);
  });

  it('tells that it is in no cluster and ends with 1', async () => {
    const ended = await run({});

    expect(ended.code).toBe(1);
    expect(complaints(ended).at(-1)).toMatch(/^CRITICAL .*KUBECONFIG/);
  });

  it('renders manifests and ends with 0, with 2 where a pod is refused, and with 1 where it cannot read them', async () => {
    const annotated = (label: string) => `kind: Pod
apiVersion: v1
metadata:
  name: app
  annotations:
    sync-sidecar.io/inject: 'true'
    sync-sidecar.io/${label}: dashboard
    sync-sidecar.io/folder: /etc/dashboards
spec: {containers: [{name: app}]}
`;

    const injected = await render(annotated('label'), ['--image=example.com/sidecar:1']);
    const refused = await render(annotated('labl'));
    const unreadable = await render('{');

    expect([injected.code, injected.stderr]).toEqual([0, 'Pod app: injected\n']);
    expect(injected.stdout).toContain('image: example.com/sidecar:1');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('did you mean sync-sidecar.io/label?');
    expect([unreadable.code, unreadable.stdout]).toEqual([1, '']);
    expect(unreadable.stderr).toMatch(/^webhook render: error: -: /);
  });

  it('renders by the configuration file that it is given, and tells all that is wrong with its command line', async () => {
    const config = configurationFile(
      'apiVersion: sync-sidecar.io/v1alpha1\nkind: InjectionConfiguration\nprofiles: { a: { label: b, folder: /c } }\n',
    );
    const pod = 'kind: Pod\napiVersion: v1\nmetadata: {name: app}\nspec: {containers: [{name: app}]}\n';

    const injected = await render(pod, ['--config', config, '--namespace-label', 'a']);
    const missing = await render(pod, ['--config', join(scratch.path, 'none.yaml')]);
    const wrong = await render(pod, ['--imag=x', '--namespac=y', 'second.yaml']);

    expect([injected.code, injected.stderr]).toEqual([0, 'Pod app: injected\n']);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/error: .*none.yaml is not there\n$/)]);
    expect([wrong.code, wrong.stderr.split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(/^usage: webhook render FILE/),
        'webhook render: error: 2 files are too many: FILE is one, or - for stdin',
        'webhook render: error: --imag: is no setting; did you mean --image?',
        'webhook render: error: --namespac: is no setting; did you mean --namespace?',
        '',
      ],
    ]);
  });

  it('renders by npm a file that is named from the folder in which npm was called', async () => {
    const root = join(import.meta.dirname, '..');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { render: string } };
    writeFileSync(join(scratch.path, 'a.yaml'), 'kind: Service\n');
    const env = {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      npm_node_execpath: process.execPath,
      INIT_CWD: scratch.path,
    };

    const child = spawn('sh', ['-c', `${scripts.render} a.yaml`], { cwd: root, env, signal: ends.signal });
    child.on('error', () => undefined);

    expect(await text(child.stdout)).toBe('kind: Service\n');
  });
});
