import { BlockList, isIP } from 'node:net';
import type { Problem } from '../../shared/settings/problem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const usable = 'http:// or https:// URL of a proxy';

/** The variables for each protocol of a URL; lower case first, as Python and curl have it. */
const variables = {
  'http:': ['http_proxy', 'HTTP_PROXY'],
  'https:': ['https_proxy', 'HTTPS_PROXY'],
} as const;

/** A variable names no proxy that can be used; its value, which may have a password in it, is not told. */
export class UnusableProxyError extends Error {
  override readonly name = 'UnusableProxyError';
}

/**
 * The proxy for a URL as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, credentials in it included; undefined for none. A value without
 * `http://` in front is taken as if it had it. Throws UnusableProxyError for a proxy that is no http or https one.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const [proxy] = givenProxies(environment, url.protocol === 'https:' ? 'https:' : 'http:');
  if (!proxy || isExcepted(url, environment['no_proxy'] || environment['NO_PROXY'] || '')) return undefined;
  const parsed = parseProxy(proxy.value);
  if (!parsed) throw new UnusableProxyError(`${proxy.where} is no ${usable}`);
  return parsed;
}

/** What is wrong with the proxies of an environment, which not every sidecar needs; says nothing of their values. */
export function proxyProblems(environment: Environment): Problem[] {
  const given = [...givenProxies(environment, 'http:'), ...givenProxies(environment, 'https:')];
  return given
    .filter(({ value }) => !parseProxy(value))
    .map(({ where }) => ({
      where,
      kind: 'not-accepted',
      fault: 'can not be used, and requests that need it fail',
      accepts: `an ${usable}`,
    }));
}

/** At most one: the first variable that has something in it. */
function givenProxies(environment: Environment, protocol: keyof typeof variables): { where: string; value: string }[] {
  return variables[protocol]
    .map((where) => ({ where, value: (environment[where] ?? '').trim() }))
    .filter(({ value }) => value !== '')
    .slice(0, 1);
}

function parseProxy(value: string): URL | null {
  const parsed = URL.parse(value.includes('://') ? value : `http://${value}`);
  return parsed && ['http:', 'https:'].includes(parsed.protocol) ? parsed : null;
}

/** As Python requests reads NO_PROXY: `*`, domains with all below them, addresses and networks, each also with a port. */
function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const usedPort = port || (protocol === 'https:' ? '443' : '80');
  return exceptions
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => matches(host, entry) || matches(host, withoutPort(entry, usedPort)));
}

/** `a.example:8080` means `a.example` for this port. */
function withoutPort(entry: string, port: string): string {
  return entry.endsWith(`:${port}`) && isIP(entry) === 0 ? entry.slice(0, -port.length - 1) : '';
}

function matches(host: string, entry: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (isIP(host) !== 0) return isInNetwork(host, entry.replace(/^\[(.*)\]$/, '$1'));
  const domain = entry.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}

function isInNetwork(address: string, entry: string): boolean {
  const [network = '', prefix = isIP(network) === 6 ? '128' : '32'] = entry.split('/');
  const family = isIP(network);
  if (family === 0 || !/^\d+$/.test(prefix) || Number(prefix) > (family === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
