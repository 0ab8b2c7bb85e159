import { isIP } from 'node:net';
import type { Kind } from './kind.ts';
import { splitList } from './kubernetes-kind.ts';

/** A host, or all hosts below a domain, in the form that URLs give it. */
export const hostPattern: Kind<string> = {
  name: 'hostPattern',
  accepts: 'a host without port, such as hooks.example.com, or *.example.com for every host below it',
  parse: (given) => {
    const [, wildcard = '', name = ''] = /^(\*\.)?([^*]+)$/.exec(given.trim()) ?? [];
    const host = URL.parse(`http://${name}/`)?.hostname;
    // What isn't all of it is a port, a user or a path; and below an address there is nothing.
    const isHost = host === name.toLowerCase() && !host.endsWith('.');
    return isHost && (wildcard === '' || !isAddress(host)) ? wildcard + host : undefined;
  },
  print: (pattern) => pattern,
  explain: (given) => portFault([given]),
};

/** Such patterns, comma separated. */
export const hostPatterns: Kind<readonly string[]> = {
  name: 'hostPatterns',
  accepts: 'a comma separated list of hosts without port, such as hooks.example.com or *.example.com',
  parse: (given) => {
    const items = given.split(',').filter((item) => item.trim() !== '');
    const parsed = items.map((item) => hostPattern.parse(item)).filter((item) => item !== undefined);
    return parsed.length > 0 && parsed.length === items.length ? parsed : undefined;
  },
  print: (patterns) => patterns.join(','),
  explain: (given) => portFault(splitList(given)),
};

/** A host counts on all of its ports: a rule that seems to be about one of them would match nothing. */
function portFault(given: readonly string[]): { fault: string; nearest: string } | undefined {
  const withPort = given.find((item) => hostPattern.parse(withoutPort(item)) !== undefined && port.test(item.trim()));
  if (withPort === undefined) return undefined;
  return { fault: 'names a port, and a host counts on all of its ports', nearest: withoutPort(withPort) };
}

// Behind a name, an address of IPv4, or one of IPv6 in brackets.
const port = /(?<=[^:]):\d+$/;

function withoutPort(given: string): string {
  return given.trim().replace(port, '');
}

/** Whether the host of a URL, as `URL` gives it, matches one of the patterns. */
export function matchesHost(hostname: string, patterns: readonly string[]): boolean {
  const host = withoutDot(hostname);
  return patterns.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern));
}

/** Names of DNS may end with a dot, and mean the same. */
export function withoutDot(hostname: string): string {
  return hostname.replace(/\.$/, '');
}

/** The address that a host of a URL is by itself, or undefined: those of IPv6 stand in brackets there. */
export function addressOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}

function isAddress(hostname: string): boolean {
  return addressOf(hostname) !== undefined;
}
