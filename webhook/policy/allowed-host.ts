import { BlockList, isIP } from 'node:net';
import { addressOf, matchesHost, withoutDot } from '../../shared/settings/host-pattern.ts';

/** The host that a URL leads to. */
export function hostOf(url: string): string {
  return withoutDot(URL.parse(url)?.hostname ?? '');
}

/** Whether a host, as `hostOf` gives it, is the pod itself or matches one of the patterns. */
export function isAllowedHost(host: string, patterns: readonly string[]): boolean {
  return isLoopback(host) || matchesHost(host, patterns);
}

// https://datatracker.ietf.org/doc/html/rfc6890: every address of 127.0.0.0/8 is the host itself.
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const address = addressOf(host);
  return address !== undefined && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
