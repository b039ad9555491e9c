/** One step in a process of its own, so that its memory is its own: forked with --expose-gc, gets its options as a message. */
import { statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import type { Cursor, Journal, NewEntry } from '../../src/journal/journal.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { BODY_BYTES, type Figures, type StepOptions } from './step.ts';

const GROUP = 5_000;
const DAY_MS = 86_400_000;
const SOURCE = 'intercom';
const SAMPLES = 50;

process.once('message', (options: StepOptions) => {
  run(options).then(
    (figures) => process.send?.(figures, () => process.exit(0)),
    (error) => {
      throw error;
    },
  );
});

async function run(options: StepOptions): Promise<Figures> {
  switch (options.step) {
    case 'fill':
      return fill(options);
    case 'reopen':
    case 'take over':
      return reopen(options);
    case 'read':
      return read(options);
    case 'delete':
      return remove(options);
  }
}

function open({ directory, segmentBytes }: StepOptions, clock = systemClock): Promise<Journal> {
  return openFileJournal({
    directory,
    segmentBytes,
    maxBytes: 2 ** 40,
    retention: { maxAgeMs: DAY_MS },
    dedup: { windowMs: DAY_MS, maxIds: 1_000_000 },
    clock,
    random: Math.random,
    log: silentLog,
  });
}

/** As large as a notification's, with what the receiver puts beside it. */
function entry(number: number, body: Buffer): NewEntry {
  body.writeDoubleLE(number);
  const metadata = { integration: 'support', application: 'acme', subsystem: 'support', id: `notif_${number}` };
  return { source: SOURCE, receivedAt: Date.now(), records: 1, metadata, body, dedupKey: `support notif_${number}` };
}

async function fill(options: StepOptions): Promise<Figures> {
  const journal = await open(options);
  for (const name of ['quick', 'slow']) await journal.openCursor(name);
  const bodies = Array.from({ length: GROUP }, () => Buffer.alloc(BODY_BYTES, 'x'));
  const began = performance.now();
  for (let first = 1; first <= options.entries; first += GROUP) {
    const count = Math.min(GROUP, options.entries + 1 - first);
    await journal.append(bodies.slice(0, count).map((body, index) => entry(first + index, body)));
  }
  const append = performance.now() - began;
  const { bytes } = journal.status();
  await journal.close();
  return { append, MiB: bytes / 2 ** 20 };
}

async function reopen(options: StepOptions): Promise<Figures> {
  const before = memory();
  const [restart, journal] = await timed(() => open(options));
  const [first] = await timed(() => journal.read(1, { maxEntries: 500, maxBytes: 1e6 }));
  const [append] = await timed(() => journal.append([entry(-1, Buffer.alloc(BODY_BYTES))]));
  const grown = memory() - before;
  // Not closed: the next process finds what a kill leaves.
  return { restart, 'first read': first, 'one append': append, 'memory MiB': grown };
}

async function read(options: StepOptions): Promise<Figures> {
  const journal = await open(options);
  const { next } = journal.status();
  const random: number[] = [];
  const seeks: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const from = 1 + Math.floor(Math.random() * (next - 1));
    random.push((await timed(() => journal.read(from, { maxEntries: 100, maxBytes: 1e6 })))[0]);
  }
  const times = await Promise.all(
    Array.from({ length: SAMPLES }, async (_, sample) => {
      const found = await journal.read(1 + Math.floor(((next - 2) * sample) / SAMPLES), { maxEntries: 1, maxBytes: 1 });
      return found.entries[0]?.receivedAt ?? 0;
    }),
  );
  for (const time of times) seeks.push((await timed(() => journal.seek(time)))[0]);
  const [tally] = await timed(() => journal.tally({ from: 2, to: next }, [SOURCE]));

  const before = memory();
  let peak = 0;
  let entries = 0;
  const [sequential] = await timed(async () => {
    for (let position = 1; position < next; ) {
      const result = await journal.read(position, { maxEntries: 5_000, maxBytes: 2 ** 20 });
      entries += result.entries.length;
      position = result.next;
      if (entries % 500_000 < 5_000) peak = Math.max(peak, memory() - before);
    }
  });
  if (entries !== next - 1) throw new Error(`${entries} of ${next - 1} entries were read`);
  await journal.close();
  return {
    'random read': median(random),
    'random read, slowest': Math.max(...random),
    'seek by time': median(seeks),
    'seek, slowest': Math.max(...seeks),
    tally,
    sequential,
    'memory while reading MiB': peak,
  };
}

/** A quarter at a time is settled, and its day is over. */
async function remove(options: StepOptions): Promise<Figures> {
  const clock = new FakeClock(Date.now());
  const journal = await open(options, clock);
  const cursors: Cursor[] = [];
  for (const name of ['quick', 'slow']) cursors.push(await journal.openCursor(name));
  const { next } = journal.status();
  let segments = 0;
  let total = 0;
  let longest = 0;
  for (let quarter = 1; quarter <= 4; quarter++) {
    const to = Math.max(1, Math.floor((next * quarter) / 4));
    for (const cursor of cursors) {
      cursor.save({ cursor: to, settled: [], counts: { delivered: to - 1 } });
      await cursor.flush();
    }
    clock.jump(DAY_MS + 1);
    const began = performance.now();
    let last = began;
    let { first } = journal.status();
    await clock.advance(5_000);
    // Until the maintenance waits for its next time.
    for (let idle = 0; clock.pending === 0 && idle < 1e6; idle++) {
      await turn();
      const now = journal.status().first;
      if (now === first) continue;
      segments++;
      first = now;
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    total += performance.now() - began;
  }
  await journal.close();
  statSync(options.directory);
  return {
    'segments deleted': segments,
    'one delete step': segments === 0 ? 0 : total / segments,
    'longest step': longest,
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** What is held, in MiB, garbage aside. */
function memory(): number {
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
