import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startForwardProxy, type ForwardProxy } from '../../test/forward-proxy.ts';
import { scratchFolder } from '../../test/scratch-folder.ts';
import { startWebServer, type WebServer } from '../../test/web-server.ts';
import { issueCa, issueCertificate, type KeyPairPem } from '../../webhook/tls/certificate.ts';
import { AddressGuard, type Resolve } from './address-guard.ts';
import { HttpExchanger, type ExchangeRequest } from './http-exchange.ts';

let authority: KeyPairPem;
let stranger: KeyPairPem;
let certificate: KeyPairPem;
let scratch: ReturnType<typeof scratchFolder>;
let plain: WebServer;
let secure: WebServer;
let proxies: ForwardProxy[];
const never = new AbortController().signal;

beforeAll(async () => {
  const options = { now: Date.now(), lifetimeMs: 60 * 60_000 };
  [authority, stranger] = await Promise.all([
    issueCa({ commonName: 'authority', ...options }),
    issueCa({ commonName: 'stranger', ...options }),
  ]);
  const names = { dnsNames: ['localhost', 'a.example'], ipAddresses: ['127.0.0.1'] };
  certificate = await issueCertificate(authority, { commonName: 'server', usage: 'server', ...names, ...options });
});

beforeEach(async () => {
  scratch = scratchFolder();
  proxies = [];
  [plain, secure] = await Promise.all([startWebServer(), startWebServer({ tls: certificate })]);
  for (const server of [plain, secure]) server.answer = ({ path }, response) => void response.end(path);
});

afterEach(async () => {
  await Promise.all([plain, secure, ...proxies].map((server) => server.close()));
  scratch[Symbol.dispose]();
});

interface Given {
  readonly environment?: Record<string, string>;
  readonly skipTlsVerify?: boolean;
}

const exchanger = ({ environment = {}, skipTlsVerify = false }: Given): HttpExchanger =>
  new HttpExchanger({ environment, skipTlsVerify, now: Date.now });

/** The body of the answer, or the message and the phase of the failure. */
async function outcome(by: HttpExchanger, url: string, more: Partial<ExchangeRequest> = {}): Promise<string> {
  return by.exchange({ url, method: 'GET', timeoutMs: 10_000, maxBytes: 1000, ...more }, never).then(
    ({ body }) => body.toString(),
    ({ message, phase }: { message: string; phase: string }) => `${phase}: ${message}`,
  );
}

function file(name: string, ...certificates: KeyPairPem[]): string {
  const path = join(scratch.path, name);
  writeFileSync(path, certificates.map((pair) => `# a comment\n${pair.certificate}`).join('\n'));
  return path;
}

async function proxyTo(target: WebServer, tls?: KeyPairPem): Promise<ForwardProxy> {
  const proxy = await startForwardProxy(target, tls && { tls });
  proxies.push(proxy);
  return proxy;
}

const untrusted = (url: string) => `connect: GET ${url}/*** failed: unable to verify the first certificate`;

describe('TLS of an exchange', () => {
  it("is verified by Node's own certificates, unless it is not to be verified", async () => {
    expect(await outcome(exchanger({}), `${secure.origin}/a`)).toBe(untrusted(secure.origin));
    expect(await outcome(exchanger({ skipTlsVerify: true }), `${secure.origin}/a`)).toBe('/a');
  });

  it.each(['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'])('is verified by the file of %s', async (name) => {
    const environment = { [name]: file('ca.pem', stranger, authority) };
    expect(await outcome(exchanger({ environment }), `${secure.origin}/a`)).toBe('/a');
    expect(await outcome(exchanger({ environment: { [name]: file('other.pem', stranger) } }), secure.origin)).toContain(
      'unable to verify the first certificate',
    );
  });

  it('is verified by the first of them that is set', async () => {
    const good = file('good.pem', authority);
    const bad = file('bad.pem', stranger);
    const outcomes = [
      { SSL_CERT_FILE: bad, CURL_CA_BUNDLE: good, REQUESTS_CA_BUNDLE: '' },
      { CURL_CA_BUNDLE: bad, REQUESTS_CA_BUNDLE: good },
    ].map((environment) => outcome(exchanger({ environment }), `${secure.origin}/a`));
    expect(await Promise.all(outcomes)).toEqual(['/a', '/a']);
  });

  it('is verified by the files of a folder', async () => {
    mkdirSync(join(scratch.path, 'certificates', 'more'), { recursive: true });
    for (const name of ['a.pem', 'b.0']) file(`certificates/${name}`, stranger, authority);
    const environment = { SSL_CERT_FILE: join(scratch.path, 'certificates') };
    expect(await outcome(exchanger({ environment }), `${secure.origin}/a`)).toBe('/a');
  });

  it('follows a file that changes, that goes and that comes back', async () => {
    const path = file('ca.pem', stranger);
    const by = exchanger({ environment: { REQUESTS_CA_BUNDLE: path } });
    expect(await outcome(by, `${secure.origin}/a`)).toBe(untrusted(secure.origin));
    file('ca.pem', stranger, authority);
    expect(await outcome(by, `${secure.origin}/a`)).toBe('/a');
    rmSync(path);
    const failed = `connect: GET ${secure.origin}/*** failed: REQUESTS_CA_BUNDLE: ${path}`;
    expect(await outcome(by, `${secure.origin}/a`)).toBe(`${failed} can't be read`);
    writeFileSync(path, 'no certificate');
    expect(await outcome(by, `${secure.origin}/a`)).toBe(`${failed} has no PEM certificate`);
    file('ca.pem', authority);
    expect(await outcome(by, `${secure.origin}/a`)).toBe('/a');
  });

  it('needs no file for plain HTTP', async () => {
    const environment = { SSL_CERT_FILE: join(scratch.path, 'none') };
    expect(await outcome(exchanger({ environment }), `${plain.origin}/a`)).toBe('/a');
  });
});

describe('proxies of an exchange', () => {
  it('forward plain HTTP, with their own credentials', async () => {
    const proxy = await proxyTo(plain);
    const environment = { HTTP_PROXY: proxy.origin.replace('://', '://us%20er:wo%3Ard@') };
    const authorization = 'Basic b3VyczpvdXJz';
    expect(await outcome(exchanger({ environment }), 'http://a.example/a?b#c', { authorization })).toBe('/a?b');
    expect(proxy.asked).toEqual(['GET http://a.example/a?b']);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('us er:wo:rd').toString('base64')}`]);
    expect(plain.received).toMatchObject([{ headers: { host: 'a.example', authorization } }]);
  });

  it('tunnel HTTPS, verified and with credentials of their own', async () => {
    const proxy = await proxyTo(secure);
    const environment = {
      https_proxy: proxy.origin.replace('://', '://user:word@'),
      SSL_CERT_FILE: file('ca.pem', authority),
    };
    expect(await outcome(exchanger({ environment }), 'https://a.example/a')).toBe('/a');
    expect(proxy.asked).toEqual(['CONNECT a.example:443']);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('user:word').toString('base64')}`]);
    expect(secure.received.map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined]);
    expect(await outcome(exchanger({ environment }), 'https://b.example/a')).toContain('altnames: Host: b.example.');
    const { SSL_CERT_FILE: _file, ...unverified } = environment;
    expect(await outcome(exchanger({ environment: unverified }), 'https://a.example/a')).toBe(
      untrusted('https://a.example'),
    );
    expect(await outcome(exchanger({ environment: unverified, skipTlsVerify: true }), 'https://a.example/a')).toBe(
      '/a',
    );
  });

  it('may speak TLS themselves, verified by the same certificates', async () => {
    const proxy = await proxyTo(secure, certificate);
    const environment = { HTTPS_PROXY: proxy.origin };
    expect(await outcome(exchanger({ environment }), 'https://a.example/a')).toMatch(/^connect: .*certificate/);
    const trusting = { ...environment, SSL_CERT_FILE: file('ca.pem', authority) };
    expect(await outcome(exchanger({ environment: trusting }), 'https://a.example/a')).toBe('/a');
  });

  it('are not used for the hosts of NO_PROXY, redirects included', async () => {
    const proxy = await proxyTo(plain);
    const environment = { HTTP_PROXY: proxy.origin, NO_PROXY: 'localhost,127.0.0.0/8' };
    plain.answer = ({ path }, response) =>
      void (path === '/a' ? response.writeHead(302, { location: `${plain.origin}/b` }).end() : response.end(path));
    expect(await outcome(exchanger({ environment }), 'http://a.example/a')).toBe('/b');
    expect(proxy.asked).toEqual(['GET http://a.example/a']);
  });

  it('that are not there or refuse are a failure without their credentials', async () => {
    const proxy = await proxyTo(plain);
    await proxy.close();
    proxies = [];
    const refusing = await startWebServer();
    refusing.server.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 word\r\n\r\n'));
    const environment = (origin: string) => ({ HTTPS_PROXY: origin.replace('://', '://user:word@') });
    expect(await outcome(exchanger({ environment: environment(proxy.origin) }), 'https://a.example/a')).toBe(
      `connect: GET https://a.example/*** failed: connect ECONNREFUSED ${proxy.origin.slice(7)}`,
    );
    expect(await outcome(exchanger({ environment: environment(refusing.origin) }), 'https://a.example/a')).toBe(
      'connect: GET https://a.example/*** failed: the proxy answered with status 407',
    );
    const refused = exchanger({ environment: environment(refusing.origin) }).exchange(
      { url: 'https://a.example/a', method: 'GET', timeoutMs: 10_000 },
      never,
    );
    await expect(refused).rejects.toMatchObject({ status: 407 });
    await refusing.close();
  });

  it('are not asked for addresses that are not allowed, by the address that the host has here', async () => {
    const proxy = await proxyTo(plain);
    const environment = { HTTP_PROXY: proxy.origin };
    const guard = (address: string) => {
      const resolve: Resolve = (_hostname, _options, callback) => callback(null, [{ address, family: 4 }]);
      return new AddressGuard({ allowPrivate: false, resolve });
    };
    expect(await outcome(exchanger({ environment }), 'http://a.example/a', { guard: guard('169.254.169.254') })).toBe(
      'connect: GET http://a.example/*** failed: a.example is a link-local, metadata or multicast address, which is never allowed',
    );
    expect(proxy.asked).toEqual([]);
    // The proxy itself has a private address.
    expect(await outcome(exchanger({ environment }), 'http://a.example/a', { guard: guard('8.8.8.8') })).toBe('/a');
  });
});
