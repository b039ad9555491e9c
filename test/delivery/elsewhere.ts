/** Deliveries whose entries are made elsewhere: by whom, and what the backend sees of that. */
import type { Batch } from '../../src/component.ts';
import { Chain } from '../../src/delivery/chain.ts';
import type { MadeElsewhere, Offload } from '../../src/delivery/offload.ts';
import type { Entry } from '../../src/journal/journal.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { RECORD_ENCODERS } from '../../src/record/otlp/encoders.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { ScriptedExporter } from './backend.ts';
import { processors } from './conservation.ts';
import { decode } from './harness.ts';

const { proto } = RECORD_ENCODERS;

/** It sees of a record the encoded form alone, as those that send OTLP. */
export class EncodingExporter extends ScriptedExporter {
  readonly encoding = 'proto' as const;
  override weigh = (record: LogRecord) => proto(record).length;
  override send({ records }: Batch, signal: AbortSignal) {
    const texts = records.map((record) => /[a-z]+-\d+/.exec(Buffer.from(proto(record)).toString('latin1'))?.[0] ?? '?');
    return super.send({ records: texts.map((body) => ({ body }) as LogRecord) }, signal);
  }
}

/** As a thread that works by the processors of `conservation.ts`: at once, after a while, or not at all. */
export function elsewhere({ clock, random }: { clock: FakeClock; random: () => number }) {
  const chain = new Chain(processors, () => {});
  const waiting = new Set<() => void>();
  const make = (entry: Entry): MadeElsewhere => {
    if (random() < 0.05) return undefined;
    try {
      return chain.run(decode(entry)).map((record) => proto.seal(record));
    } catch {
      return undefined;
    }
  };
  const offload: Offload = (entries) => {
    const draw = random();
    if (draw < 0.2) return undefined;
    if (draw < 0.7) return Promise.resolve(entries.map(make));
    const made = draw < 0.85 ? entries.map(make) : [];
    return new Promise((resolve) => {
      clock.schedule(random() * 20_000, () => resolve(made));
      waiting.add(() => resolve([]));
    });
  };
  return {
    offload,
    /** What it was given comes back undone. */
    stop() {
      for (const giveBack of waiting) giveBack();
      waiting.clear();
    },
  };
}
