import { describe, expect, it } from '@jest/globals';
import { describeProblem } from '../../shared/settings/problem.ts';
import { proxyFor, proxyProblems, UnusableProxyError } from './proxies.ts';

const proxy = 'http://user:word@proxy:3128/';

function usesProxy(url: string, exceptions: string): boolean {
  return proxyFor(new URL(url), { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: exceptions }) !== undefined;
}

describe('proxies', () => {
  it('are there for one protocol each, in lower case first', () => {
    const environment = { HTTP_PROXY: 'http://a', http_proxy: 'https://b', HTTPS_PROXY: 'http://c', https_proxy: ' ' };
    expect(proxyFor(new URL('http://x'), environment)?.href).toBe('https://b/');
    expect(proxyFor(new URL('https://x'), environment)?.href).toBe('http://c/');
    expect(proxyFor(new URL('https://x'), { HTTP_PROXY: 'http://a' })).toBeUndefined();
    expect(proxyFor(new URL('https://x'), {})).toBeUndefined();
  });

  it('may be given without a protocol, with credentials', () => {
    expect(proxyFor(new URL('http://x'), { HTTP_PROXY: 'user:word@proxy:3128' })?.href).toBe(
      'http://user:word@proxy:3128/',
    );
  });

  it.each([
    ['http://a.example', '', true],
    ['http://a.example', '*', false],
    ['http://a.example', 'b.example, A.example', false],
    ['http://x.a.example', 'a.example', false],
    ['http://x.a.example', '.a.example', false],
    ['http://x.a.example', '*.a.example', false],
    ['http://xa.example', 'a.example', true],
    ['http://grafana.monitoring.svc', 'localhost,.svc,.cluster.local', false],
    ['http://a.example:8080', 'a.example:8080', false],
    ['http://a.example:8081', 'a.example:8080', true],
    ['https://a.example', 'a.example:443', false],
    ['http://10.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3', '10.1.2.3', false],
    ['http://10.1.2.3:8080', '10.1.2.3:8080', false],
    ['http://11.1.2.3', '10.0.0.0/8,10.0.0.0/99,x/8', true],
    ['http://[fd00::1]:80', 'fd00::/8', false],
    ['http://[::1]', '[::1]', false],
    ['http://[::1]', '::1', false],
    ['http://[::2]', '::1', true],
  ])('of %s with NO_PROXY=%s are used: %s', (url, exceptions, used) => {
    expect(usesProxy(url, exceptions)).toBe(used);
  });

  it('that can not be used are problems, without their values', () => {
    const problems = proxyProblems({
      HTTP_PROXY: 'socks5://user:word@proxy:1080',
      https_proxy: 'http://user:word@[proxy',
      HTTPS_PROXY: 'http://fine',
    });
    expect(problems.map(describeProblem)).toEqual([
      'HTTP_PROXY: can not be used, and requests that need it fail; accepts an http:// or https:// URL of a proxy',
      'https_proxy: can not be used, and requests that need it fail; accepts an http:// or https:// URL of a proxy',
    ]);
    expect(proxyProblems({ HTTP_PROXY: proxy, https_proxy: 'proxy:3128', NO_PROXY: 'x' })).toEqual([]);
  });

  it('that can not be used are an error of the requests that need them, without their values', () => {
    const environment = { http_proxy: 'socks5://user:word@proxy:1080', NO_PROXY: 'b.example' };
    expect(() => proxyFor(new URL('http://a.example'), environment)).toThrow(
      new UnusableProxyError('http_proxy is no http:// or https:// URL of a proxy'),
    );
    expect(proxyFor(new URL('http://b.example'), environment)).toBeUndefined();
    expect(proxyFor(new URL('https://a.example'), environment)).toBeUndefined();
  });
});
