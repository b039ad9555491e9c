import type { Entry } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { Chain, type ChainBuilder } from './chain.ts';

/** A way from receivers to a delivery. */
export interface RouteOptions {
  /** Ids of the receivers whose entries take it. */
  readonly sources: readonly string[];
  /** The processors on it, of every pipeline that it leads through. */
  readonly processors: ChainBuilder;
}

/**
 * The ways to one delivery. An entry takes each that begins at its receiver, and what comes out of all of them belongs to it:
 * it is settled when all of that is, and it was filtered when none let anything through. So the ledger counts an entry once,
 * as it entered, however many ways there are, and goes on balancing when a configuration adds or removes one.
 */
export class Routes {
  readonly #bySource = new Map<string, readonly Chain[]>();
  readonly #chains: readonly Chain[];

  /** @param onStray see `Chain` */
  constructor(routes: readonly RouteOptions[], onStray: () => void) {
    const chains = routes.map(({ sources, processors }) => ({ sources, chain: new Chain(processors, onStray) }));
    this.#chains = chains.map(({ chain }) => chain);
    for (const source of new Set(routes.flatMap(({ sources }) => sources))) {
      const taken = chains.filter(({ sources }) => sources.includes(source));
      this.#bySource.set(
        source,
        taken.map(({ chain }) => chain),
      );
    }
  }

  /**
   * Each way gets records of its own. An entry of a receiver that has left the configuration takes the last one.
   * @throws whatever a processor throws; nothing of this entry came out then.
   */
  run(entry: Entry, decode: (entry: Entry) => LogRecord[]): LogRecord[] {
    const chains = this.#bySource.get(entry.source) ?? this.#chains.slice(-1);
    if (chains.length === 1) return (chains[0] as Chain).run(decode(entry));
    return chains.flatMap((chain) => chain.run(decode(entry)));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#chains.map((chain) => chain.shutdown()));
  }
}
