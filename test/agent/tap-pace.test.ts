/** How much a tap shows, and what it passes over: on a clock that stands still, and a journal in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Taps } from '../../src/agent/taps.ts';
import { loadConfig } from '../../src/config/load.ts';
import { entryFacts } from '../../src/control/entry-facts.ts';
import type { Sighting, TapLine, TapRequest } from '../../src/control/taps.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { factories } from '../../src/registry.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

async function configured(processors = '[]') {
  const yaml = `
receivers: { intercom: { endpoint: '127.0.0.1:0', integrations: [{ name: a, application_name: a, signature: none, path: /a }] } }
processors: { logdedup: { interval: 10s } }
exporters: { nop: }
service: { pipelines: { logs: { receivers: [intercom], processors: ${processors}, exporters: [nop] } } }
`;
  const { config, diagnostics } = await loadConfig({
    sources: [`yaml:${yaml}`],
    factories,
    environment: {},
    readFile: () => Promise.reject(new Error('none')),
  });
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

/** A journal that counts how often it is asked for entries. */
function counting(journal: Journal) {
  const counts = { reads: 0 };
  const counted = new Proxy(journal, {
    get(target, key) {
      if (key === 'read') counts.reads++;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { counted, counts };
}

async function standing({ processors, ...request }: Partial<TapRequest> & { processors?: string } = {}) {
  const clock = new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  const config = await configured(processors);
  const { counted, counts } = counting(journal);
  const taps = new Taps({
    ...{ journal: counted, facts: entryFacts(factories), version: '0', clock, random: () => 0.5 },
    config: () => config,
    stopping: new AbortController().signal,
  });
  const append = (count: number, { topic = 'contact.created', padding = '' } = {}) =>
    journal.append(
      Array.from({ length: count }, () => ({
        source: 'intercom',
        receivedAt: clock.now(),
        records: 1,
        metadata: { integration: 'a' },
        body: Buffer.from(JSON.stringify({ type: 'notification_event', topic, padding })),
      })),
    );
  const left = new AbortController();
  const lines = taps.open({ rate: 10, ...request }, left.signal);
  return { clock, journal, append, counts, lines, leave: () => left.abort() };
}

/** Reads as fast as lines come. */
function reading(lines: AsyncIterable<TapLine>) {
  const seen: Sighting[] = [];
  const state = { seen, skipped: 0, begun: false, ended: false };
  void (async () => {
    for await (const line of lines) {
      if (line.kind === 'begun') state.begun = true;
      if (line.kind === 'seen') seen.push(line.sighting);
      if (line.kind === 'passed') state.skipped = line.skipped;
    }
    state.ended = true;
  })();
  return state;
}

/** Lets a tap do all that it can do at this moment: it yields to others behind each entry. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await settle();
}

const positions = (seen: readonly Sighting[]) => seen.map(({ position }) => position);

describe('a tap', () => {
  it('shows a second of its rate at once, then goes to the newest that it may show, and counts the rest', async () => {
    const { clock, append, lines } = await standing();
    const state = reading(lines);
    await rest();
    await append(100);
    await rest();
    assert.deepEqual(positions(state.seen), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await clock.advance(100);
    await rest();
    assert.deepEqual(positions(state.seen).slice(10), [100]);
    await clock.advance(100);
    await rest();
    assert.equal(state.skipped, 89);
    await append(3);
    await clock.advance(1000);
    await rest();
    assert.deepEqual(positions(state.seen).slice(11), [101, 102, 103], 'what it can keep up with is shown whole');
    assert.equal(state.skipped, 89);
  });

  it('shows what was there when it began whole, at its rate', async () => {
    const now = new Date(new FakeClock().now()).toISOString();
    const { clock, append, lines } = await standing({ from: now });
    await append(35);
    const state = reading(lines);
    await rest();
    assert.equal(state.seen.length, 10);
    for (let tenth = 0; tenth < 25; tenth++) {
      await clock.advance(100);
      await rest();
    }
    assert.deepEqual(
      positions(state.seen),
      Array.from({ length: 35 }, (_, index) => index + 1),
    );
    assert.equal(state.skipped, 0);
  });

  it('gives who reads slowly the newest, not what came meanwhile', async () => {
    const { clock, append, lines } = await standing();
    assert.equal((await lines.next()).value?.kind, 'begun');
    await append(1);
    const first = (await lines.next()).value;
    assert.ok(first?.kind === 'seen' && first.sighting.position === 1);
    await append(500);
    await clock.advance(5000);
    const [passed, newest] = [(await lines.next()).value, (await lines.next()).value];
    assert.deepEqual(passed, { kind: 'passed', skipped: 490, lost: 0, elsewhere: 0 });
    assert.ok(newest?.kind === 'seen' && newest.sighting.position === 492);
    await lines.return(undefined);
  });

  it('finds a rare topic among many others, for what is not shown costs nothing of the rate', async () => {
    const { append, lines } = await standing({ topic: 'ticket.*' });
    const state = reading(lines);
    await rest();
    for (let round = 0; round < 3; round++) {
      await append(300);
      await append(1, { topic: 'ticket.created' });
    }
    await rest();
    assert.deepEqual(positions(state.seen), [301, 602, 903]);
    assert.equal(state.skipped, 0);
  });

  it('counts a large record for several', async () => {
    const { append, lines } = await standing();
    const state = reading(lines);
    await rest();
    await append(10, { padding: 'x'.repeat(200_000) });
    await rest();
    assert.equal(state.seen.length, 3);
  });

  it('reads nothing while nothing comes, and ends at once when it is left', async () => {
    const { clock, append, counts, lines, leave } = await standing();
    const state = reading(lines);
    await append(1);
    await rest();
    const { reads } = counts;
    await clock.advance(3_600_000);
    assert.equal(counts.reads, reads);
    assert.equal(clock.pending, 0, 'no timer runs');
    leave();
    await settle();
    assert.equal(state.ended, true);
  });

  it('gathers records for a processor that joins them over its time', async () => {
    const { clock, append, lines } = await standing({ at: 'logdedup', processors: '[logdedup]' });
    const state = reading(lines);
    await rest();
    await append(2);
    await clock.advance(9000);
    await append(1);
    await rest();
    assert.equal(state.seen.length, 0);
    await clock.advance(1000);
    await rest();
    assert.deepEqual(
      state.seen.map(({ before, after }) => [before?.length, after.length]),
      [[3, 1]],
    );
  });

  it('does not run an entry again at which the process died', async () => {
    const { journal, append, lines } = await standing({ from: '2025-01-01T00:00:00Z' });
    await append(2);
    const [entry] = (await journal.read(1, { maxEntries: 1, maxBytes: 1 })).entries;
    assert.ok(entry);
    await journal.deadLetters.put([
      {
        ...{ delivery: 'logs nop', position: 1, entry, at: 0, attempts: 3 },
        cause: { kind: 'crash', summary: 'the process died at it' },
      },
    ]);
    const state = reading(lines);
    await rest();
    const [refused, shown] = state.seen;
    assert.deepEqual([refused?.position, refused?.error?.where], [1, 'pipeline']);
    assert.match(refused?.error?.message ?? '', /the process died at this entry/);
    assert.deepEqual([shown?.position, shown?.after.length], [2, 1]);
  });
});
