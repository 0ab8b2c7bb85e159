import { describe, expect, it, jest } from '@jest/globals';
import type { LookupAddress } from 'node:dns';
import { AddressGuard, type Resolve } from './address-guard.ts';

function verdict(address: string, allowPrivate: boolean): string {
  try {
    new AddressGuard({ allowPrivate }).checkLiteral(address);
    return 'allowed';
  } catch (error) {
    return (error as Error).message;
  }
}

const resolving =
  (...addresses: string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
const unknown: Resolve = (_hostname, _options, callback) =>
  callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), []);

interface Found {
  readonly error: string | null;
  readonly address: string | LookupAddress[];
}

function lookup(resolve: Resolve, all: boolean): Promise<Found> {
  const guard = new AddressGuard({ allowPrivate: false, resolve });
  return new Promise((settle) => {
    guard.lookup('a.example', { all }, (error, address) => settle({ error: error?.message ?? null, address }));
  });
}

describe('address guard', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    '[::]',
    '[fe80::a9fe:a9fe]',
    '[febf::1]',
    '[ff02::1]',
    '[fd00:ec2::254]',
    '[fd00:ec2::23]',
    '[fd20:ce::254]',
    '[fd00:c1::a9fe:a9fe]',
    '[fd00:42::42]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
  ])('never allows %s', (address) => {
    const message = `${address} is a link-local, metadata or multicast address, which is never allowed`;
    expect([verdict(address, true), verdict(address, false)]).toEqual([message, message]);
  });

  it.each([
    '[64:ff9b:1::a9fe:a9fe]',
    '[64:ff9b:1:a9fe:a9:fe00::]',
    '[2002:a9fe:a9fe::1]',
    '[2001:0:a9fe::1]',
    '[::ffff:0:a9fe:a9fe]',
    '[::169.254.169.254]',
    '[::7f00:1]',
    '[::2]',
    '[::ffff:ffff]',
  ])('never allows %s, which a tunnel may unpack', (address) => {
    const message = `${address} is an IPv6 address that may stand for any other, which is never allowed`;
    expect([verdict(address, true), verdict(address, false)]).toEqual([message, message]);
  });

  it.each([
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '127.0.0.1',
    '127.255.0.1',
    '100.64.0.1',
    '198.18.0.1',
    '240.0.0.1',
    '[::1]',
    '[fc00::1]',
    '[fdff::1]',
    '[fec0::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::10.0.0.1]',
  ])('allows %s only with URL_ALLOW_PRIVATE', (address) => {
    const message = `${address} is a private address, which URL_ALLOW_PRIVATE=false refuses`;
    expect([verdict(address, true), verdict(address, false)]).toEqual(['allowed', message]);
  });

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '169.253.0.1', '[2001:4860:4860::8888]', '[::ffff:8.8.8.8]'])(
    'allows %s',
    (address) => {
      expect([verdict(address, true), verdict(address, false)]).toEqual(['allowed', 'allowed']);
    },
  );

  it('knows an address however a URL writes it', () => {
    const spellings = ['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '[::FFFF:169.254.169.254]'];
    const verdicts = spellings.map((host) => verdict(new URL(`http://${host}/`).hostname, true));
    expect(verdicts.map((text) => text.replace(/^\S+ /, ''))).toEqual(
      Array(5).fill('is a link-local, metadata or multicast address, which is never allowed'),
    );
  });

  it('lets a name lead to those of its addresses alone that are allowed', async () => {
    const mixed = resolving('10.0.0.1', '8.8.8.8', '2001:db8::1', '169.254.169.254');
    expect(await lookup(mixed, true)).toEqual({
      error: null,
      address: [
        { address: '8.8.8.8', family: 4 },
        { address: '2001:db8::1', family: 6 },
      ],
    });
    expect(await lookup(mixed, false)).toEqual({ error: null, address: '8.8.8.8' });
  });

  it('refuses a name that leads to no allowed address', async () => {
    const error = 'a.example is a private address, which URL_ALLOW_PRIVATE=false refuses';
    expect(await lookup(resolving('10.0.0.1', '169.254.169.254'), true)).toEqual({ error, address: [] });
    expect(await lookup(resolving('10.0.0.1'), false)).toEqual({ error, address: [] });
    expect(await lookup(unknown, true)).toEqual({ error: 'getaddrinfo ENOTFOUND', address: [] });
  });

  it('refuses a host behind a proxy when one of its addresses is not allowed, and leaves an unknown one to the proxy', async () => {
    const guard = (resolve: Resolve) => new AddressGuard({ allowPrivate: true, resolve });
    await expect(guard(resolving('8.8.8.8', '169.254.169.254')).checkHost('metadata.example')).rejects.toThrow(
      'metadata.example is a link-local, metadata or multicast address, which is never allowed',
    );
    await expect(guard(unknown).checkHost('169.254.169.254')).rejects.toThrow('never allowed');
    await expect(guard(resolving('8.8.8.8')).checkHost('a.example')).resolves.toBeUndefined();
    await expect(guard(unknown).checkHost('a.example')).resolves.toBeUndefined();
  });

  it('leaves a host to the proxy when the name server does not answer in a second', async () => {
    jest.useFakeTimers();
    const checked = new AddressGuard({ allowPrivate: false, resolve: () => undefined }).checkHost('a.example');
    await jest.advanceTimersByTimeAsync(1000);
    await expect(checked).resolves.toBeUndefined();
    jest.useRealTimers();
  });
});
