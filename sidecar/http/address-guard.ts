import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { matchesHost } from '../../shared/settings/host-pattern.ts';

// What no download means: this host's links with the metadata services of most clouds on them, all hosts at once, no host at all.
// https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
const neverAllowed = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  // Metadata services that aren't link-local: Alibaba Cloud, Azure, Oracle (Classic), AWS, Google Cloud, Oracle, Scaleway.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:42::42/128',
];
// Networks that the world can't reach, and that a pod can: its own loopback, the cluster, the data centre.
const privateNetworks = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '240.0.0.0/4',
  '::1/128',
  'fc00::/7',
  'fec0::/10',
];
// IPv6 addresses that a tunnel or a translator may unpack to any IPv4 one: of a network's own NAT64, 6to4, Teredo, SIIT, and the old
// "IPv4-compatible" ones, among which `::` and `::1` are something else.
const unpacked = ['64:ff9b:1::/48', '2002::/16', '2001::/32', '::ffff:0:0:0/96'];
const compatible = { first: '::2', last: '::ffff:ffff' };
// IPv6 addresses with an IPv4 one in their last 32 bits, which a gateway unpacks; those of `::ffff:0:0/96` BlockList knows itself.
// https://datatracker.ietf.org/doc/html/rfc6052#section-2.1
const gateway = { prefix: '64:ff9b::', bits: 96 };

// A name server of the cluster answers in milliseconds; behind a proxy one that is cut off must not take a download's time.
const longestCheckMs = 1000;

/** All addresses of a host name, as `dns.lookup` gives them. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface AddressGuardOptions {
  /** Whether private and loopback addresses may be reached. */
  readonly allowPrivate: boolean;
  /** Hosts that may be reached, as patterns; every one where it is left out. */
  readonly hosts?: readonly string[] | undefined;
  readonly resolve?: Resolve;
}

/** An address must not be reached. Says which host and which rule, nothing else of the URL. */
class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

/** Says what a download may reach: by its host's name, and by the address that a connection really has, as names can lead anywhere. */
export class AddressGuard {
  readonly #never = blockList(neverAllowed);
  readonly #private = blockList(privateNetworks);
  readonly #unpacked = blockList(unpacked);
  readonly #allowPrivate: boolean;
  readonly #hosts: readonly string[] | undefined;
  readonly #resolve: Resolve;

  constructor({ allowPrivate, hosts, resolve = lookupLater }: AddressGuardOptions) {
    this.#allowPrivate = allowPrivate;
    this.#hosts = hosts;
    this.#resolve = resolve;
    this.#unpacked.addRange(compatible.first, compatible.last, 'ipv6');
  }

  /** Throws AddressRefusedError for an address that `host` must not have; `host` is what people know it by. */
  check(address: string, host: string): void {
    const bare = address.replace(/%.*$/, '');
    const family = isIP(bare) === 6 ? 'ipv6' : 'ipv4';
    if (this.#never.check(bare, family)) {
      throw new AddressRefusedError(`${host} is a link-local, metadata or multicast address, which is never allowed`);
    }
    if (this.#unpacked.check(bare, family)) {
      throw new AddressRefusedError(`${host} is an IPv6 address that may stand for any other, which is never allowed`);
    }
    if (!this.#allowPrivate && this.#private.check(bare, family)) {
      throw new AddressRefusedError(`${host} is a private address, which URL_ALLOW_PRIVATE=false refuses`);
    }
  }

  /** Throws AddressRefusedError for a host that a URL must not have, whatever its address. */
  checkName(hostname: string): void {
    if (this.#hosts === undefined || matchesHost(hostname, this.#hosts)) return;
    throw new AddressRefusedError(`${hostname} is not among the hosts of URL_ALLOWED_HOSTS`);
  }

  /** Throws AddressRefusedError when a host of a URL is an address by itself, for which no lookup is made. */
  checkLiteral(hostname: string): void {
    const bare = hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) !== 0) this.check(bare, hostname);
  }

  /** Looks a name up, and answers with the allowed ones of its addresses, or with an AddressRefusedError. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refusals = addresses.map(({ address }) => this.#refusal(address, hostname));
      const [first, ...more] = addresses.filter((_, index) => refusals[index] === null);
      if (!first) return callback(refusals.find((refusal) => refusal !== null) ?? new Error('no address'), []);
      if (options.all) callback(null, [first, ...more]);
      else callback(null, first.address, first.family);
    });
  };

  /**
   * Throws AddressRefusedError when a host has an address that must not be reached, for where somebody else makes the connection. A name
   * that is not known here, or not in time, is his to judge: behind a proxy that is usual.
   */
  async checkHost(hostname: string): Promise<void> {
    this.checkLiteral(hostname);
    if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0) return;
    const addresses = await new Promise<readonly LookupAddress[]>((resolve) => {
      const timer = setTimeout(() => resolve([]), longestCheckMs);
      this.#resolve(hostname, { all: true }, (error, found) => {
        clearTimeout(timer);
        resolve(error ? [] : found);
      });
    });
    for (const { address } of addresses) this.check(address, hostname);
  }

  #refusal(address: string, host: string): AddressRefusedError | null {
    try {
      this.check(address, host);
      return null;
    } catch (error) {
      if (error instanceof AddressRefusedError) return error;
      throw error;
    }
  }
}

/** The module takes memory that a sidecar without downloads need not have: 0.5 MiB. */
const lookupLater: Resolve = (hostname, options, callback) =>
  void import('node:dns').then(({ lookup }) => lookup(hostname, options, callback));

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address);
    list.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    if (family === 4) list.addSubnet(gateway.prefix + address, gateway.bits + Number(prefix), 'ipv6');
  }
  return list;
}
