import { setMaxListeners } from 'node:events';
import type { SendingPolicy } from '../component.ts';
import { RECORD_ENCODERS } from '../record/otlp/encoders.ts';
import { Backlog } from './backlog.ts';
import { Bell } from './bell.ts';
import { Burial } from './burial.ts';
import { Condition } from './condition.ts';
import { Ledger, tallyOf } from './ledger.ts';
import { LotReader } from './lot-reader.ts';
import type { DeliveryOptions } from './options.ts';
import { Pace } from './pace.ts';
import { PostMortem } from './post-mortem.ts';
import { Processing } from './processing.ts';
import { Progress } from './progress.ts';
import { Recall } from './recall.ts';
import { Resending } from './resending.ts';
import { carries, responsibility } from './responsibility.ts';
import { Routes } from './routes.ts';
import { Sending } from './sending.ts';
import { Taking } from './taking.ts';

/**
 * Bytes of a body that may be made elsewhere. Above the default of what doors take: what is read from it may be twenty times as large, and a thread
 * that has less memory than this one may die of it, at worst with the process.
 */
const MAX_ELSEWHERE_BYTES = 8 * 1024 * 1024;

/**
 * The parts of a delivery, put together.
 * @param isStopping true when nothing more is to be waited for
 */
export function assemble(options: DeliveryOptions, isStopping: () => boolean) {
  const aborts = new AbortController();
  const bell = new Bell();
  const { cursor, journal, clock, random, exporter, policy, replay } = options;
  // One for each request in flight, and one for each that its client makes of it.
  setMaxListeners(0, aborts.signal);
  const log = options.log.with({ pipeline: options.pipeline, exporter: options.exporterId });
  const ledger = new Ledger(cursor.state.counts);
  const condition = new Condition(clock, log, () => ({ pending: ledger.pending }));
  const backlog = new Backlog(cursor.state, replay?.end);
  const answering = {
    spans: responsibility(cursor.state.sources, options.sources, {
      birth: cursor.birth,
      next: journal.status().next,
      cursor: cursor.state.cursor,
    }),
  };
  const progress = new Progress({
    ...{ cursor, ledger },
    spans: () => answering.spans,
    regions: () => backlog.open,
    letters: () => recall.uncertain,
  });
  const burial = new Burial({ delivery: cursor.name, letters: journal.deadLetters, clock, log });
  const recall: Recall = new Recall({
    delivery: cursor.name,
    letters: journal.deadLetters,
    ledger,
    uncertain: cursor.state.inFlight ?? [],
    isObsolete: (position) =>
      progress.redeemed.includes(position) ||
      burial.isStale(position) ||
      backlog.open.some(({ from, to }) => from <= position && position <= to),
  });
  const pace = new Pace(replay?.rate);
  const postMortem = new PostMortem(cursor);
  const routes = new Routes(options.routes, () => {
    log.error('BUG: a processor forwarded a record after its onEmit had returned; it was counted as filtered.');
  });
  const processing = new Processing({
    decode: options.decode,
    routes,
    rules: policy.rules,
    weigh: (record) => exporter.weigh(record),
    clock,
    ...(replay && { replay }),
    ...(options.shared && { shared: options.shared }),
  });
  const sending = new Sending({
    ...{ exporter, policy, budget: options.budget, clock, random, log, condition, backlog, progress, ledger },
    keepsNothing: replay !== undefined,
    pace,
    signal: aborts.signal,
    settle: (lot, rejected) => taking.settle(lot, rejected),
  });
  const resending = new Resending({
    ...{ recall, burial, progress, ledger, condition, clock, random, log },
    policy: policy.retry,
    signal: aborts.signal,
    process: ({ position, entry }) => postMortem.note(position, () => processing.lone(entry)),
    flush: () => cursor.flush(),
    attempt: (lot) => sending.attempt(lot),
  });
  // What is still to be joined with others is needed whole.
  const encoder = exporter.encoding && processing.collectMs === 0 ? RECORD_ENCODERS[exporter.encoding] : undefined;
  const { offload } = options;
  const gathering = collecting(policy, processing.collectMs);
  const reader = new LotReader({
    journal,
    carries: (entry) => carries(answering.spans, entry.source, entry.position) && (replay?.selects(entry) ?? true),
    process: (entry) => postMortem.watch(entry.position, () => processing.run(entry)),
    seal: (record) => encoder?.seal(record) ?? record,
    ...(encoder &&
      offload &&
      !replay && {
        elsewhere: {
          offload,
          // A backend in trouble is shown the same entries again and again: that is not what another thread is for.
          mayMake: ({ position, body }) =>
            condition.running && body.length <= MAX_ELSEWHERE_BYTES && !postMortem.watches(position),
          accept: (records) => processing.accept(records),
        },
      }),
    isCut: () => aborts.signal.aborted,
    policy: gathering,
  });
  const taking: Taking = new Taking({
    ...{ journal, clock, log, backlog, burial, condition, ledger, postMortem, progress, processing, sending },
    policy: gathering,
    bell,
    reader,
    keepsNothing: replay !== undefined,
    count: replay ? (stretch) => replay.count(stretch) : (stretch) => tallyOf(journal, answering.spans)(stretch),
    isStopping,
  });
  return {
    ...{ answering, log, ledger, condition, backlog, progress, burial, recall, pace, postMortem, processing },
    ...{ sending, resending, reader, taking, aborts, bell },
  };
}

/** Where records are joined over time a batch is not sent before that time is over, or it is full. */
function collecting(policy: SendingPolicy, forMs: number): SendingPolicy {
  if (forMs === 0) return policy;
  const never = Number.MAX_SAFE_INTEGER;
  return { ...policy, flushTimeoutMs: Math.max(forMs, policy.flushTimeoutMs), minRecords: never, minBytes: never };
}
