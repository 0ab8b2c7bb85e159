import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { recordingLog } from '../../test/recording-log.ts';
import { ClusterAccessError, inClusterAccess } from './cluster-access.ts';
import { loadClusterAccess } from './load-cluster-access.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cluster-access-'));
  await writeFile(join(directory, 'token'), 'token-1\n');
  await writeFile(join(directory, 'ca.crt'), 'ca-1');
  await writeFile(join(directory, 'namespace'), 'x');
});

afterEach(() => rm(directory, { recursive: true }));

function inCluster(options: { host?: string; skipTlsVerify?: boolean } = {}) {
  return inClusterAccess({ directory, host: '10.96.0.1', port: '443', skipTlsVerify: false, ...options });
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => new Error('nothing failed'),
    (error: Error) => error,
  );
}

describe('in a pod', () => {
  it('knows server, namespace, token and CA', async () => {
    const access = await inCluster();

    expect(access.server.href).toBe('https://10.96.0.1/');
    expect(access.namespace).toBe('x');
    expect(access.credentials).toBe(`the token in ${join(directory, 'token')}`);
    expect(await access.connectionOptions()).toEqual({ headers: { authorization: 'Bearer token-1' }, ca: 'ca-1' });
  });

  it('reads token and CA again for each request', async () => {
    const access = await inCluster();
    await writeFile(join(directory, 'token'), 'token-2');
    await writeFile(join(directory, 'ca.crt'), 'ca-2');

    expect(await access.connectionOptions()).toEqual({ headers: { authorization: 'Bearer token-2' }, ca: 'ca-2' });
  });

  it('takes an IPv6 address', async () => {
    expect((await inCluster({ host: 'fd00::1' })).server.href).toBe('https://[fd00::1]/');
  });

  it('needs no CA where certificates are not verified', async () => {
    await rm(join(directory, 'ca.crt'));
    const access = await inCluster({ skipTlsVerify: true });

    expect(await access.connectionOptions()).toEqual({
      headers: { authorization: 'Bearer token-1' },
      rejectUnauthorized: false,
    });
  });

  it.each(['token', 'ca.crt', 'namespace'])('names the file when %s is missing, and the ways out', async (name) => {
    const path = join(directory, name);
    await rm(path);

    await expect(failureOf(inCluster())).resolves.toMatchObject({
      name: 'ClusterAccessError',
      message: `cannot read ${path}: a pod needs a ServiceAccount token (automountServiceAccountToken: true, or a projected volume), a program outside of a cluster needs KUBECONFIG`,
      cause: { code: 'ENOENT' },
    });
  });

  it('refuses an empty token', async () => {
    await writeFile(join(directory, 'token'), '\n');

    await expect(inCluster()).rejects.toThrow(new ClusterAccessError(`${join(directory, 'token')} is empty`));
  });
});

describe('loadClusterAccess', () => {
  let logged: ReturnType<typeof recordingLog>;
  beforeEach(() => {
    logged = recordingLog();
  });

  function load(kubeconfig?: string, environment = {}, defaultKubeconfig?: string) {
    return loadClusterAccess({
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(defaultKubeconfig !== undefined && { defaultKubeconfig }),
      inClusterDirectory: directory,
      environment,
      skipTlsVerify: false,
      log: logged.log,
    });
  }

  async function kubeconfig(lines: readonly string[]): Promise<string> {
    const path = join(directory, 'kubeconfig');
    await writeFile(path, lines.join('\n'));
    return path;
  }

  const cluster = '{name: c, cluster: {server: "https://example.test:6443/prefix", insecure-skip-tls-verify: true}}';
  const whole = [
    'current-context: here',
    'contexts: [{name: here, context: {cluster: c, user: u, namespace: y}}, {name: bare, context: {cluster: c, user: u}}]',
    `clusters: [${cluster}]`,
    'users: [{name: u, user: {token: secret-token}}]',
  ];

  it('takes the pod that it runs in when no kubeconfig is named', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };

    expect((await load(undefined, environment)).server.href).toBe('https://10.96.0.1:6443/');
  });

  it('says what is missing outside of a pod', async () => {
    await expect(load()).rejects.toThrow(/^no cluster: KUBERNETES_SERVICE_HOST .* are unset.*set KUBECONFIG$/);
  });

  it('takes the current context of a kubeconfig', async () => {
    const access = await load(await kubeconfig(whole));

    expect(access.server.href).toBe('https://example.test:6443/prefix');
    expect(access.namespace).toBe('y');
    expect(access.credentials).toBe(`the credentials of the kubeconfig ${join(directory, 'kubeconfig')}`);
    expect(await access.connectionOptions()).toMatchObject({
      headers: { Authorization: 'Bearer secret-token' },
      rejectUnauthorized: false,
    });
  });

  it('takes the namespace "default" when the context names none', async () => {
    const access = await load(await kubeconfig(['current-context: bare', ...whole.slice(1)]));

    expect(access.namespace).toBe('default');
  });

  it('takes the kubeconfig of the home directory when it is there', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };
    const path = await kubeconfig(whole);

    expect((await load(undefined, environment, path)).server.host).toBe('example.test:6443');
    expect((await load(undefined, environment, `${path}-not-there`)).server.host).toBe('10.96.0.1:6443');
    expect(logged.lines).toEqual([]);
  });

  it('takes the pod that it runs in when the kubeconfig is missing, and says so', async () => {
    const environment = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };
    const path = join(directory, 'nowhere');

    expect((await load(path, environment)).server.host).toBe('10.96.0.1:6443');
    expect(logged.lines).toMatchObject([
      { level: 'WARNING', msg: 'the kubeconfig is not there; using the files of the ServiceAccount', path },
    ]);
  });

  it('names a kubeconfig that is missing outside of a pod', async () => {
    const path = join(directory, 'nowhere');

    await expect(failureOf(load(path))).resolves.toMatchObject({
      name: 'ClusterAccessError',
      message: `KUBECONFIG names ${path}, which cannot be read`,
    });
  });

  it.each([
    ['no YAML', ['users:', '- token: "secret-token'], /is no usable kubeconfig: unexpected end .* in line \d+$/],
    ['empty', [''], /is no usable kubeconfig: .+$/],
    ['a mere word', ['word'], /names no cluster/],
    ['without a server', ['clusters: [{name: c, cluster: {}}]'], /clusters\[0\]\.cluster\.server is missing$/],
    ['without its current context', whole.slice(1), /names no cluster: its current-context is "undefined"$/],
  ])('says what is wrong with a kubeconfig that is %s', async (_, lines, message) => {
    const failure = await failureOf(load(await kubeconfig(lines)));

    expect(failure).toBeInstanceOf(ClusterAccessError);
    expect(failure.message).toMatch(message);
    expect(inspect(failure)).not.toContain('secret-token');
  });
});
