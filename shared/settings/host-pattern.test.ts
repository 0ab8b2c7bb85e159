import { describe, expect, it } from '@jest/globals';
import { hostPattern, hostPatterns, matchesHost } from './host-pattern.ts';

describe('the pattern of a host', () => {
  it.each([
    ['hooks.example.com', 'hooks.example.com'],
    ['Hooks.Example.com', 'hooks.example.com'],
    ['*.example.com', '*.example.com'],
    ['grafana', 'grafana'],
    ['10.0.0.1', '10.0.0.1'],
    ['[fd00::1]', '[fd00::1]'],
  ])('may be %s', (given, parsed) => {
    expect(hostPattern.parse(given)).toBe(parsed);
  });

  it.each([
    '',
    '*',
    '*.',
    'a.*',
    '*a.example',
    '*.*.example',
    'https://a',
    'a:80',
    'a:8080',
    '*.a.example:8443',
    '[fd00::1]:8080',
    'a/b',
    'a@b',
    'a b',
    'a.',
    '*.10.0.0.1',
    '2130706433',
  ])('may not be "%s"', (given) => {
    expect(hostPattern.parse(given)).toBeUndefined();
  });
});

describe('a port', () => {
  it.each([
    ['hooks.example.com:8080', 'hooks.example.com'],
    ['*.example.com:443', '*.example.com'],
    ['[fd00::1]:8080', '[fd00::1]'],
  ])('is named as what is wrong with %s', (given, nearest) => {
    const explained = { fault: 'names a port, and a host counts on all of its ports', nearest };

    expect(hostPattern.explain?.(given)).toEqual(explained);
    expect(hostPatterns.explain?.(`files.example.com, ${given}`)).toEqual(explained);
  });

  it.each(['a b', 'a/b:80', '[fd00::1]', ''])('is not what is wrong with "%s"', (given) => {
    expect(hostPattern.explain?.(given)).toBeUndefined();
  });
});

describe('patterns of hosts', () => {
  it('are comma separated', () => {
    expect(hostPatterns.parse(' a.example , *.b.example,')).toEqual(['a.example', '*.b.example']);
    expect(hostPatterns.print(['a.example', '*.b.example'])).toBe('a.example,*.b.example');
  });

  it.each([',', 'a.example,b:80', 'a.example b.example'])('are all accepted or none: "%s"', (given) => {
    expect(hostPatterns.parse(given)).toBeUndefined();
  });

  it('match the hosts of URLs', () => {
    const patterns = ['a.example', '*.b.example', '[fd00::1]'];
    const hosts = ['a.example', 'a.example.', 'x.b.example', 'y.x.b.example', '[fd00::1]'];

    expect(hosts.filter((host) => !matchesHost(host, patterns))).toEqual([]);
    expect(['b.example', 'xa.example', 'a.example.org', ''].filter((host) => matchesHost(host, patterns))).toEqual([]);
  });
});
