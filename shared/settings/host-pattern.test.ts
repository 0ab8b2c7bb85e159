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
