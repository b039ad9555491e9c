/** Addresses of clients: lists of networks, and whose word on the client's address is taken. */
import { BlockList, isIP } from 'node:net';

export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address; undefined when it is neither. */
export function parseCidr(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)) return undefined;
  return { address, prefix: prefix === undefined ? bits : Number(prefix), family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** A set of networks. IPv4 addresses also match where the socket shows them as `::ffff:a.b.c.d`. */
export class Networks {
  readonly #list = new BlockList();
  readonly empty: boolean;

  /** @param cidrs each accepted by `parseCidr` */
  constructor(cidrs: readonly string[]) {
    this.empty = cidrs.length === 0;
    for (const cidr of cidrs) {
      const network = parseCidr(cidr);
      if (!network) throw new Error(`BUG: not a network: ${cidr}`);
      this.#list.addSubnet(network.address, network.prefix, network.family);
    }
  }
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/**
 * The client's address. `X-Forwarded-For` counts only when the peer is a trusted proxy; it is read from the right, past
 * further trusted proxies, because everything left of the first untrusted hop can be invented by the client. Undefined
 * when a trusted proxy names something that is no address.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: Networks,
): string | undefined {
  let address = peer === undefined ? undefined : bare(peer);
  if (trusted.empty || forwardedFor === undefined) return address;
  const hops = forwardedFor.split(',');
  while (address !== undefined && trusted.has(address)) {
    const hop = hops.pop();
    if (hop === undefined) return address;
    address = bare(hop.trim());
  }
  return address;
}

/** Without port, brackets, zone and the IPv4-in-IPv6 prefix; undefined when it is no IP address. */
function bare(text: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  const withPort = /^([\d.]+):\d+$/.exec(text)?.[1];
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}
