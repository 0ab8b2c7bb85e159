import { BlockList, isIP } from 'node:net';
import type { Kind } from '../../shared/settings/kind.ts';

/** A host, or all hosts below a domain, in the form that URLs give it. */
export const hostPattern: Kind<string> = {
  name: 'hostPattern',
  accepts: 'a host without port, such as hooks.example.com, or *.example.com for every host below it',
  parse: (given) => {
    const [, wildcard = '', name = ''] = /^(\*\.)?([^*]+)$/.exec(given) ?? [];
    const host = URL.parse(`http://${name}/`)?.host;
    // What isn't all of it is a port, a user or a path; and below an address there is nothing.
    const isHost = host === name.toLowerCase() && !host.endsWith('.');
    return isHost && (wildcard === '' || !isAddress(host)) ? wildcard + host : undefined;
  },
  print: (pattern) => pattern,
};

/** The host that a URL leads to. */
export function hostOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/\.$/, '') ?? '';
}

/** Whether a host, as `hostOf` gives it, is the pod itself or matches one of the patterns. */
export function isAllowedHost(host: string, patterns: readonly string[]): boolean {
  return isLoopback(host) || patterns.some((pattern) => matches(host, pattern));
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host !== pattern.slice(1) : host === pattern;
}

// https://datatracker.ietf.org/doc/html/rfc6890: every address of 127.0.0.0/8 is the host itself.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return isAddress(host) && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
