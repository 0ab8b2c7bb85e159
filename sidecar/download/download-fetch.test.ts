import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentNaming } from '../../shared/settings/naming.ts';
import { readSettings } from '../../shared/settings/read-settings.ts';
import { sidecarSettings } from '../../shared/settings/sidecar-settings.ts';
import { recordingLog } from '../../test/recording-log.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { startWebServer, type WebServer } from '../../test/web-server.ts';
import { downloadFetcher } from './download-fetch.ts';
import { HttpExchanger, type ExchangeAnswer } from '../http/http-exchange.ts';

let server: WebServer;
let other: WebServer;
let scratch: ReturnType<typeof scratchFolder>;

beforeEach(async () => {
  scratch = scratchFolder();
  [server, other] = await Promise.all([startWebServer(), startWebServer()]);
  server.answer = (_request, response) => void response.end('content');
});

afterEach(async () => {
  await Promise.all([server.close(), other.close()]);
  scratch[Symbol.dispose]();
});

function fetch(environment: Record<string, string>, url = `${server.origin}/a`): Promise<ExchangeAnswer> {
  const entries = { LABEL: 'x', FOLDER: '/x', ...environment };
  const { settings } = readSettings(sidecarSettings, [{ naming: environmentNaming, entries }]);
  const [sync] = settings?.syncs ?? [];
  if (!sync) throw new Error('unreachable');
  const exchanger = new HttpExchanger({ environment: {}, skipTlsVerify: false, now: Date.now });
  const fetcher = downloadFetcher({ settings: sync.settings, exchanger, log: recordingLog().log });
  return fetcher(url, { condition: undefined, signal: new AbortController().signal });
}

/** The credentials that reached the server. */
async function sent(environment: Record<string, string>, url?: string): Promise<string | undefined> {
  await fetch(environment, url);
  const header = server.received.at(-1)?.headers.authorization;
  return header && Buffer.from(header.replace('Basic ', ''), 'base64').toString('latin1');
}

const req = { REQ_USERNAME: 'req', REQ_PASSWORD: 'wörd' };
const own = { URL_USERNAME: 'own', URL_PASSWORD: 'word' };

describe('the credentials of a download', () => {
  it('are those in its URL, then its own, then those of REQ_URL', async () => {
    const withUserinfo = `http://us%20er:word@127.0.0.1:${server.port}/a`;
    expect(await sent({ ...req, ...own }, withUserinfo)).toBe('us er:word');
    expect(await sent({ ...req, ...own })).toBe('own:word');
    expect(await sent({ ...req, URL_USERNAME: 'own' })).toBe('req:wörd');
    expect(await sent({})).toBeUndefined();
  });

  it('may be in files', async () => {
    const path = join(scratch.path, 'word');
    writeFileSync(path, 'from the file\n');
    expect(await sent({ ...own, URL_PASSWORD_FILE: path })).toBe('own:from the file');
    expect(await sent({ ...req, REQ_USERNAME_FILE: path })).toBe('from the file:wörd');
  });

  it('of REQ_URL go to its scheme, host and port alone, and everywhere where it is not set', async () => {
    expect(await sent({ ...req, REQ_URL: `${server.origin}/reload` })).toBe('req:wörd');
    expect(await sent({ ...req, REQ_URL: `${other.origin}/reload` })).toBeUndefined();
    expect(await sent({ ...req, REQ_URL: `https://127.0.0.1:${server.port}/` })).toBeUndefined();
    expect(await sent({ ...own, REQ_URL: `${other.origin}/reload` })).toBe('own:word');
  });

  it('of REQ_URL are kept with URL_USE_REQ_BASIC_AUTH=false', async () => {
    expect(await sent({ ...req, URL_USE_REQ_BASIC_AUTH: 'false' })).toBeUndefined();
    expect(await sent({ ...req, ...own, URL_USE_REQ_BASIC_AUTH: 'false' })).toBe('own:word');
  });

  it('are not sent on by a redirect', async () => {
    server.answer = (_request, response) => void response.writeHead(302, { location: `${other.origin}/b` }).end();
    await fetch({ ...req, ...own }, `http://user:word@127.0.0.1:${server.port}/a`);
    expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

describe('a download', () => {
  it('has a limit of time and a limit of size', async () => {
    expect((await fetch({ URL_MAX_BYTES: '7' })).body.toString()).toBe('content');
    await expect(fetch({ URL_MAX_BYTES: '6' })).rejects.toThrow('was answered with more than 6 bytes');
    server.answer = () => undefined;
    await expect(fetch({ REQ_TIMEOUT: '50ms' })).rejects.toThrow('no whole answer within 50 ms');
  });

  it('reaches private addresses as URL_ALLOW_PRIVATE says, and link-local ones never, by redirects neither', async () => {
    await expect(fetch({ URL_ALLOW_PRIVATE: 'false' })).rejects.toThrow('URL_ALLOW_PRIVATE=false refuses');
    await expect(fetch({}, 'http://169.254.169.254/latest')).rejects.toThrow('which is never allowed');
    server.answer = (_request, response) => void response.writeHead(302, { location: 'http://169.254.1.1/' }).end();
    await expect(fetch({})).rejects.toThrow('169.254.1.1 is a link-local, metadata or multicast address');
  });

  it('comes from the hosts of URL_ALLOWED_HOSTS alone, by redirects too', async () => {
    const named = `http://localhost:${server.port}/a`;
    const hosts = { URL_ALLOWED_HOSTS: 'localhost, *.example.com' };

    expect((await fetch(hosts, named)).body.toString()).toBe('content');
    await expect(fetch(hosts)).rejects.toThrow('127.0.0.1 is not among the hosts of URL_ALLOWED_HOSTS');
    server.answer = (_request, response) => void response.writeHead(302, { location: `${other.origin}/b` }).end();
    await expect(fetch(hosts, named)).rejects.toThrow('127.0.0.1 is not among the hosts of URL_ALLOWED_HOSTS');
    expect(other.received).toEqual([]);
  });
});
