/** Internet addresses and networks, read as strictly as Go does. */
import { isIPv4, isIPv6 } from 'node:net';

/** 4 bytes, also for an IPv4 address that is written as one of IPv6, or 16. */
export type Address = Uint8Array;

export interface Network {
  readonly base: Address;
  /** Leading bits that an address must have in common with the base. */
  readonly bits: number;
}

/** undefined for what is no address; zones (`fe80::1%eth0`) are none of it. */
export function parseAddress(text: string): Address | undefined {
  const bytes = bytesOf(text);
  return bytes && shortened(bytes);
}

/** `10.0.0.0/8`; undefined for what is no network. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', length = ''] = /^([^/]*)\/(\d{1,7})$/.exec(text) ?? [];
  const bytes = bytesOf(address);
  const bits = Number(length);
  if (!bytes || bits > 8 * bytes.length) return undefined;
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) & maskOf(bits - 8 * i);
  const base = shortened(bytes);
  return { base, bits: bits - 8 * (bytes.length - base.length) };
}

export function isInNetwork(address: Address, { base, bits }: Network): boolean {
  return (
    address.length === base.length && base.every((byte, i) => ((address[i] as number) & maskOf(bits - 8 * i)) === byte)
  );
}

/** Of a byte of which that many bits count. */
function maskOf(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff00 >> bits) & 0xff;
}

function bytesOf(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [, before = '', v4] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  const last = v4 ? [...(bytesOf(v4) ?? [])] : [];
  const [left = '', right] = (v4 ? before.replace(/([^:]):$/, '$1') : text).split('::');
  const [head, tail] = [groups(left), [...(right === undefined ? [] : groups(right)), ...last]];
  return Uint8Array.from([...head, ...new Array(16 - head.length - tail.length).fill(0), ...tail]);
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function shortened(bytes: Uint8Array): Uint8Array {
  const isV4 = bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0);
  return isV4 && bytes[10] === 0xff && bytes[11] === 0xff ? bytes.subarray(12) : bytes;
}
