import { describe, expect, it } from '@jest/globals';
import { hostOf, isAllowedHost } from './allowed-host.ts';

const isAllowed = (url: string, patterns: readonly string[]): boolean => isAllowedHost(hostOf(url), patterns);

describe('the pod itself', () => {
  it.each([
    'http://localhost:3000/reload',
    'http://LOCALHOST',
    'http://localhost./',
    'http://127.0.0.1/',
    'http://127.9.9.9:80/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]:3000/',
    'http://[::ffff:127.0.0.1]/',
  ])('may always be called: %s', (url) => {
    expect(isAllowed(url, [])).toBe(true);
  });

  it.each([
    'http://localhost.evil.example/',
    'http://evil-localhost/',
    'http://localhost@evil.example/',
    'http://evil.example/localhost',
    'http://evil.example#localhost',
    'http://evil.example\\@localhost',
    'http://0.0.0.0/',
    'http://128.0.0.1/',
    'http://[::2]/',
    'http://127.0.0.1.evil.example/',
  ])('is not %s', (url) => {
    expect(isAllowed(url, [])).toBe(false);
  });
});

describe('a host', () => {
  it.each([
    ['hooks.example.com', 'https://hooks.example.com:8443/a?b'],
    ['hooks.example.com', 'https://Hooks.Example.com./'],
    ['hooks.example.com', 'https://user@hooks.example.com/'],
    ['*.example.com', 'https://a.example.com/'],
    ['*.example.com', 'https://a.b.example.com/'],
    ['*.svc', 'http://grafana.monitoring.svc/'],
    ['10.0.0.1', 'http://10.0.0.1/'],
    ['10.0.0.1', 'http://167772161/'],
    ['[fd00::1]', 'http://[FD00:0::1]/'],
  ])('%s allows %s', (pattern, url) => {
    expect(isAllowed(url, [pattern])).toBe(true);
  });

  it.each([
    ['hooks.example.com', 'https://a.hooks.example.com/'],
    ['hooks.example.com', 'https://hooks.example.com.evil.example/'],
    ['hooks.example.com', 'https://evil-hooks.example.com/'],
    ['hooks.example.com', 'https://hooks.example.com@evil.example/'],
    ['hooks.example.com', 'https://hooks․example․com.evil.example/'],
    ['hooks.example.com', 'https://hооks.example.com/'],
    ['*.example.com', 'https://example.com/'],
    ['*.example.com', 'https://evilexample.com/'],
    ['*.example.com', 'https://example.com.evil.example/'],
    ['*.example.com', 'https://.example.com.evil.example/'],
    ['10.0.0.1', 'http://10.0.0.11/'],
  ])('%s does not allow %s', (pattern, url) => {
    expect(isAllowed(url, [pattern])).toBe(false);
  });
});
