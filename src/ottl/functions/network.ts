/** Internet addresses. */
import { createHash } from 'node:crypto';
import type { TransformContext } from '../context.ts';
import { OttlError, within } from '../error.ts';
import { defineFunction } from '../function.ts';
import type { Getter } from '../getter.ts';
import { type Address, isInNetwork, type Network, parseAddress, parseNetwork } from '../network/ip.ts';
import { int, listOf, optional, string } from '../parameter.ts';
import type { Int } from '../value.ts';

export const isInCidr = defineFunction({
  name: 'IsInCIDR',
  kind: 'converter',
  parameters: { target: string, networks: listOf(string) },
  summary: 'Whether the address lies in one of the networks; a text that is no address does not.',
  example: {
    statement: 'set(log.attributes["internal"], IsInCIDR(log.body, ["10.0.0.0/8", "192.168.0.0/16"]))',
    before: { body: '10.1.2.3' },
    after: { attributes: { internal: true } },
  },
  create({ target, networks }) {
    const prepared = networks.every(({ literal }) => literal)
      ? networks.flatMap(({ literal }) => (literal ? [networkOf(literal.value)] : []))
      : undefined;
    return (context) => {
      const address = parseAddress(target(context));
      if (!address) return false;
      if (prepared) return prepared.some((network) => isInNetwork(address, network));
      return networks.some((network) => isInNetwork(address, networkOf(network(context))));
    };
  },
});

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new OttlError(`invalid CIDR address: ${text}`);
  return network;
}

const PROTOCOLS = new Map([
  ['ICMP', 1],
  ['TCP', 6],
  ['UDP', 17],
  ['RSVP', 46],
  ['ICMP6', 58],
  ['SCTP', 132],
]);
const MAX_PORT = 65535;

export const communityId = defineFunction({
  name: 'CommunityID',
  kind: 'converter',
  parameters: {
    sourceIP: string,
    sourcePort: int,
    destinationIP: string,
    destinationPort: int,
    protocol: optional(string, '"TCP"'),
    seed: optional(int, '0'),
  },
  summary:
    'The Community ID of a network flow, the same in both directions; protocols are TCP, UDP, ICMP, ICMP6, SCTP, RSVP.',
  example: {
    statement: 'set(log.attributes["flow"], CommunityID("192.0.2.7", 443, "10.1.2.3", 50123))',
    after: { attributes: { flow: '1:dftIRrMWrNaZIFaBi30//qbycuQ=' } },
  },
  create: (args) => (context) => {
    const source = endpoint(context, args.sourceIP, args.sourcePort, 'source');
    const destination = endpoint(context, args.destinationIP, args.destinationPort, 'destination');
    const name = args.protocol ? got('protocol', args.protocol, context) : 'TCP';
    const protocol = PROTOCOLS.get(name);
    if (protocol === undefined) throw new OttlError(`unsupported protocol: ${name}`);
    const seed = args.seed ? Number(got('seed', args.seed, context)) : 0;
    if (seed < 0 || seed > MAX_PORT) throw new OttlError(`seed must be between 0 and 65535, got ${seed}`);
    const [first, second] = compare(source, destination) > 0 ? [destination, source] : [source, destination];
    const hash = createHash('sha1')
      .update(uint16(seed))
      .update(first.address)
      .update(second.address)
      .update(Uint8Array.of(protocol, 0))
      .update(uint16(first.port))
      .update(uint16(second.port));
    return `1:${hash.digest('base64')}`;
  },
});

function got<T>(name: string, getter: Getter<T>, context: TransformContext): T {
  return within(`failed to get ${name}: `, () => getter(context));
}

interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

function endpoint(context: TransformContext, ip: Getter<string>, portOf: Getter<Int>, name: string): Endpoint {
  const text = got(`${name} IP`, ip, context);
  const port = got(`${name} port`, portOf, context);
  if (port < 0 || port > MAX_PORT) throw new OttlError(`${name} port must be between 0 and 65535, got ${port}`);
  const address = parseAddress(text);
  if (!address) throw new OttlError(`invalid ${name} IP: ${text}`);
  return { address, port: Number(port) };
}

/** Which of the two comes first in the hash. */
function compare(a: Endpoint, b: Endpoint): number {
  return a.address.length - b.address.length || Buffer.compare(a.address, b.address) || a.port - b.port;
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
