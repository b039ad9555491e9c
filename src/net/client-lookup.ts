import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Slots } from './client-slots.ts';

type Resolve = (hostname: string, options: LookupOptions & { all: true }) => Promise<LookupAddress[]>;

/**
 * A `lookup` for sockets that leaves room on the thread pool: a resolver that does not answer blocks a thread for seconds,
 * and the journal's syncs need the same threads. Look-ups of one name that overlap are one; at most two run at a time.
 * Nothing is cached beyond that.
 */
export function createLookup(resolve: Resolve = dns.promises.lookup as Resolve, slots = new Slots(2)): LookupFunction {
  const underWay = new Map<string, Promise<LookupAddress[]>>();
  return (hostname, options, callback) => {
    const key = `${options.family ?? 0} ${options.hints ?? 0} ${hostname}`;
    let addresses = underWay.get(key);
    if (!addresses) {
      addresses = slots.run(() => resolve(hostname, { ...options, all: true })).finally(() => underWay.delete(key));
      underWay.set(key, addresses);
    }
    addresses.then(
      (list) => {
        if (options.all) callback(null, list);
        else callback(null, list[0]?.address ?? '', list[0]?.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, options.all ? [] : ''),
    );
  };
}

/** One for the process, as the thread pool is. */
export const processLookup = createLookup();
