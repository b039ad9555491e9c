import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Replay } from '../../src/delivery/delivery.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { Entry, Journal, Position } from '../../src/journal/journal.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { delivered, hold, reject, retry, text } from './backend.ts';
import { type HarnessOptions, harness, numbered, processor } from './harness.ts';

const isSelected = (entry: Entry) => /x/.test(Buffer.from(entry.body).toString());

class Plan implements Replay {
  readonly end: Position;
  readonly rate: number;
  readonly #journal: Journal;
  finishes = 0;
  constructor(journal: Journal, end: Position, rate = 1e9) {
    this.#journal = journal;
    this.end = end;
    this.rate = rate;
  }
  selects = isSelected;
  mark: Replay['mark'] = (record) => record.setAttribute('intercom.replay.id', 'r1');
  finished = () => {
    this.finishes++;
  };
  async count({ from, to }: { from: Position; to: Position }): Promise<number> {
    const { entries } = await this.#journal.read(from, { maxEntries: 1e6, maxBytes: 1e9, to: to - 1 });
    return entries.filter(isSelected).length;
  }
}

/** A live delivery that has delivered what there is, and a replay of a part of it that begins when it is made. */
async function scene(
  names: string[],
  options: Partial<HarnessOptions> & { rate?: number; start?: number; end?: number } = {},
) {
  const live = await harness();
  await live.append(...names);
  const { rate, start = 1, end = names.length + 1, ...rest } = options;
  const plan = new Plan(live.journal, end, rate);
  const replay = await harness({
    ...{ journal: live.journal, clock: live.clock, name: 'replay r1', start, replay: plan },
    ...rest,
    policy: { maxInFlight: 1, ...rest.policy },
  });
  replay.appended.count = names.filter((name, index) => /x/.test(name) && index + 1 >= start && index + 1 < end).length;
  await settle();
  return { live, replay, plan };
}

const mixed = numbered(20).map((name, index) => (index % 2 === 0 ? `${name}x` : name));
const selected = mixed.filter((name) => /x/.test(name));

describe('a replay', () => {
  it('sends what it selects between its bounds, marked, and ends, once', async (t) => {
    const { live, replay, plan } = await scene(mixed, { start: 3, end: 18 });
    t.after(live.stop);
    const wanted = selected.filter((_, index) => index >= 1 && index <= 8);
    assert.deepEqual(replay.exporter.texts, wanted);
    for (const { attributes } of replay.exporter.records) assert.equal(attributes['intercom.replay.id'], 'r1');
    assert.deepEqual(replay.counts(), { delivered: wanted.length });
    assert.equal(plan.finishes, 1);
    await replay.stop();
    assert.equal(plan.finishes, 1);
    assert.deepEqual(live.counts(), { delivered: 20 }, 'the live delivery is as it was');
    assert.equal(live.exporter.sent.length, 2);
  });

  it('goes through the processors, and counts what they filter', async (t) => {
    const processors = processor((record, forward) => text(record) !== 'n4x' && forward(record));
    const { live, replay, plan } = await scene(mixed, { processors });
    t.after(live.stop);
    assert.deepEqual(replay.counts(), { delivered: 9, filtered: 1 });
    assert.equal(plan.finishes, 1);
  });

  it('counts as pending only what it selects, and live entries that arrive meanwhile are none of its business', async (t) => {
    const gate = latch<Outcome>();
    const { live, replay, plan } = await scene(mixed, { policy: { maxRecords: 3, maxInFlight: 1 }, rate: 1 });
    t.after(live.stop);
    t.after(replay.stop);
    assert.deepEqual(replay.counts(), { delivered: 3, pending: 7 });
    replay.exporter.answer = () => gate.promise;
    await live.append('live x');
    await replay.advance(3000);
    assert.deepEqual(replay.counts(), { delivered: 3, pending: 7 });
    gate.open(delivered);
    await replay.advance(60_000);
    assert.deepEqual(replay.counts(), { delivered: 10 });
    assert.equal(plan.finishes, 1);
    assert.deepEqual(live.counts(), { delivered: 21 });
  });

  it('keeps to its rate', async (t) => {
    const { live, replay } = await scene(mixed, { rate: 2, policy: { maxRecords: 2 } });
    t.after(live.stop);
    for (let second = 1; second <= 5; second++) {
      assert.equal(replay.exporter.texts.length, 2 * second);
      await replay.advance(1000);
    }
    assert.deepEqual(replay.counts(), { delivered: 10 });
  });

  it('stopped or killed in the middle goes on where it was', async (t) => {
    for (const how of ['again', 'kill'] as const) {
      const { live, replay, plan } = await scene(mixed, { rate: 2, policy: { maxRecords: 2 } });
      t.after(live.stop);
      await replay.advance(1500);
      assert.equal(replay.status.pending, 6);
      const after = await replay[how]();
      assert.equal(plan.finishes, 0);
      for (let step = 0; step < 10; step++) await after.advance(1000);
      const { ambiguous = 0, ...rest } = after.counts();
      assert.deepEqual(rest, { delivered: 10 });
      assert.ok(ambiguous <= (how === 'kill' ? 2 : 0));
      assert.deepEqual([...new Set(after.exporter.texts)], selected);
      assert.equal(after.exporter.texts.length, 10 + ambiguous);
      assert.equal(plan.finishes, 1);
    }
  });

  it('that was complete when the process ended says so at the next start', async (t) => {
    const { live, replay, plan } = await scene(mixed);
    t.after(live.stop);
    await replay.advance(1);
    assert.equal(plan.finishes, 1);
    const after = await replay.again();
    assert.equal(plan.finishes, 2);
    assert.deepEqual(after.counts(), { delivered: 10 });
    assert.equal(after.exporter.texts.length, 10);
    await after.stop();
  });

  it('counts what is refused, and makes no dead letters of it, whatever the reason', async (t) => {
    const processors = processor((record, forward) => {
      if (text(record) === 'n2x') throw new Error('no');
      forward(record);
    });
    const { live, replay, plan } = await scene([...mixed, 'poison x', 'x'.repeat(50)], {
      ...{ processors, rules: { maxRecordBytes: 40 }, rate: 1000, start: 1 },
    });
    t.after(live.stop);
    assert.ok(plan.finishes <= 1);
    await replay.advance(60_000);
    assert.deepEqual(replay.counts(), { delivered: 10, rejected_by_backend: 2 });
    assert.deepEqual(live.journal.deadLetters.list(), []);
    const other = await scene([...mixed.slice(0, 5), 'poison x', ...mixed.slice(6)], {
      rate: 10,
      policy: { maxRecords: 3 },
    });
    t.after(other.live.stop);
    other.replay.exporter.answer = (texts) => (texts.includes('poison x') ? reject : delivered);
    for (let step = 0; step < 30; step++) await other.replay.advance(1000);
    assert.deepEqual(other.replay.counts(), { delivered: 10, rejected_by_backend: 1 });
    assert.deepEqual(other.live.journal.deadLetters.list(), []);
    assert.equal(other.plan.finishes, 1);
  });

  it('waits out trouble as a delivery does', async (t) => {
    const { live, replay, plan } = await scene(mixed, { rate: 1, policy: { maxRecords: 2 } });
    t.after(live.stop);
    replay.exporter.answer = () => retry();
    await replay.advance(60_000);
    assert.equal(replay.status.state, 'retrying');
    replay.exporter.answer = () => hold;
    await replay.advance(60_000);
    assert.equal(replay.status.state, 'held');
    replay.exporter.answer = () => delivered;
    for (let step = 0; step < 10; step++) await replay.advance(10_000);
    assert.deepEqual(replay.counts(), { delivered: 10 });
    assert.equal(plan.finishes, 1);
  });

  it('that is stopped before its end does not say that it has finished', async (t) => {
    const { live, replay, plan } = await scene(mixed, { rate: 1, policy: { maxRecords: 2 } });
    t.after(live.stop);
    await replay.stop();
    await settle();
    assert.equal(plan.finishes, 0);
    assert.equal(replay.status.pending, 8);
  });

  it('of nothing ends at once', async (t) => {
    const { live, replay, plan } = await scene(['a', 'b']);
    t.after(live.stop);
    assert.equal(plan.finishes, 1);
    assert.deepEqual(replay.counts(), {});
  });
});
