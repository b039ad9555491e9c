import type { Collector, Joined } from '../component.ts';
import type { Entry } from '../journal/journal.ts';
import type { LogRecord } from '../record/log-record.ts';
import { Chain, type ChainBuilder } from './chain.ts';

/** A way from receivers to a delivery. */
export interface RouteOptions {
  /** Ids of the receivers whose entries take it. */
  readonly sources: readonly string[];
  /** The processors on it, of every pipeline that it leads through, up to the first that collects. */
  readonly processors: ChainBuilder;
  /** What follows. Absent: nothing. */
  readonly stages?: readonly Stage[];
}

/** A processor that collects, absent in the first stage of a way, and those behind it. */
export interface Stage {
  readonly collect?: () => Collector;
  readonly processors: ChainBuilder;
}

interface Way {
  readonly sources: readonly string[];
  readonly chain: Chain;
  readonly stages: readonly { readonly collector: Collector; readonly chain: Chain }[];
}

/**
 * The ways to one delivery. An entry takes each that begins at its receiver, and what comes out of all of them belongs to it:
 * it is settled when all of that is, and it was filtered when none let anything through. So the ledger counts an entry once,
 * as it entered, however many ways there are, and goes on balancing when a configuration adds or removes one.
 */
export class Routes {
  readonly #bySource = new Map<string, readonly Way[]>();
  readonly #ways: readonly Way[];
  /** Of records that are still to be joined with others. */
  readonly #wayOf = new WeakMap<LogRecord, Way>();

  /** How long a batch is collected before its records are joined; 0 where nothing is. Asked for each record. */
  readonly collectMs: number;

  /** @param onStray see `Chain` */
  constructor(routes: readonly RouteOptions[], onStray: () => void) {
    this.#ways = routes.map(({ sources, processors, stages = [] }) => ({
      sources,
      chain: new Chain(processors, onStray),
      stages: stages.map(({ collect, processors }) => {
        if (!collect) throw new Error('BUG: a stage without a collector');
        return { collector: collect(), chain: new Chain(processors, onStray) };
      }),
    }));
    this.collectMs = Math.max(0, ...this.#ways.flatMap(({ stages }) => stages.map(({ collector }) => collector.forMs)));
    for (const source of new Set(routes.flatMap(({ sources }) => sources))) {
      this.#bySource.set(
        source,
        this.#ways.filter(({ sources }) => sources.includes(source)),
      );
    }
  }

  /**
   * Each way gets records of its own. An entry of a receiver that has left the configuration takes the last one.
   * @throws whatever a processor throws; nothing of this entry came out then.
   */
  run(entry: Entry, decode: (entry: Entry) => LogRecord[]): LogRecord[] {
    const ways = this.#bySource.get(entry.source) ?? this.#ways.slice(-1);
    return ways.length === 1
      ? this.#begin(ways[0] as Way, decode(entry))
      : ways.flatMap((way) => this.#begin(way, decode(entry)));
  }

  /**
   * What a batch of such records becomes, in the order of their first ones. Records that are in none of the results were
   * filtered. @throws whatever a processor throws
   */
  join(records: readonly LogRecord[]): Joined[] {
    const byWay = new Map<Way | undefined, number[]>();
    for (const [index, record] of records.entries()) {
      const way = this.#wayOf.get(record);
      const indexes = byWay.get(way);
      if (indexes) indexes.push(index);
      else byWay.set(way, [index]);
    }
    const joined = [...byWay].flatMap(([way, indexes]) => {
      const own = indexes.map((index) => ({ record: records[index] as LogRecord, of: [index] }));
      return (way?.stages ?? []).reduce<Joined[]>(joinedBy, own);
    });
    return joined.sort((a, b) => (a.of[0] as number) - (b.of[0] as number));
  }

  #begin(way: Way, decoded: readonly LogRecord[]): LogRecord[] {
    const records = way.chain.run(decoded);
    if (way.stages.length > 0) for (const record of records) this.#wayOf.set(record, way);
    return records;
  }

  async shutdown(): Promise<void> {
    const chains = this.#ways.flatMap(({ chain, stages }) => [chain, ...stages.map((stage) => stage.chain)]);
    await Promise.all(chains.map((chain) => chain.shutdown()));
  }
}

function joinedBy(before: readonly Joined[], { collector, chain }: Way['stages'][number]): Joined[] {
  return collector.join(before.map(({ record }) => record)).flatMap(({ record, of }) => {
    const origins = of.flatMap((index) => before[index]?.of ?? []);
    return chain.run([record]).map((out) => ({ record: out, of: origins }));
  });
}
