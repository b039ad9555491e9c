import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { delivered, hold, reject, reset, retry, text } from './backend.ts';
import { type Harness, harness, numbered, processor, until } from './harness.ts';

const skipped = { kind: 'letter', cause: { kind: 'skipped', summary: 'skipped by hand' } } as const;
const expire = { kind: 'expire' } as const;
const next = ({ journal }: Harness) => journal.status().next;

describe('what is given up', () => {
  for (const [how, sentence, count, letters] of [
    ['as dead letters', skipped, 'dead_lettered', 30],
    ['for good', expire, 'expired', 0],
  ] as const) {
    it(`${how}, is settled although the backend is down, and what arrives later is delivered`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 4, maxInFlight: 2 } });
      t.after(scene.stop);
      scene.exporter.answer = () => hold;
      await scene.append(...numbered(30));
      scene.delivery.giveUp(next(scene), sentence);
      await scene.advance(1000);
      assert.deepEqual(scene.counts(), { [count]: 30 });
      assert.equal(scene.letters.length, letters);
      await scene.append('later');
      scene.exporter.answer = () => delivered;
      await scene.advance(15_000);
      assert.deepEqual(scene.counts(), { [count]: 30, delivered: 1 });
      assert.equal(scene.status.state, 'running');
      const after = await scene.again();
      t.after(after.stop);
      assert.deepEqual(after.counts(), { [count]: 30, delivered: 1 });
    });

    it(`${how}, is not what is on its way, unless that fails`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 2, maxInFlight: 2 } });
      t.after(scene.stop);
      const gates = [latch<Outcome>(), latch<Outcome>()];
      let request = 0;
      scene.exporter.answer = () => gates[request++]?.promise ?? delivered;
      await scene.append(...numbered(10));
      scene.delivery.giveUp(next(scene), sentence);
      await settle();
      assert.deepEqual(scene.counts(), { [count]: 6, pending: 4 });
      gates[0]?.open(delivered);
      gates[1]?.open(reset);
      await scene.advance(30_000);
      assert.deepEqual(scene.counts(), { [count]: 8, delivered: 2 });
      assert.equal(scene.exporter.sent.length, 2);
    });

    it(`${how}, is all that is pending, also what is being read at that moment`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 5, maxInFlight: 1 } });
      t.after(scene.stop);
      const gate = latch();
      const { read } = scene.journal;
      scene.journal.read = async (from, limits) => {
        await gate.promise;
        return read.call(scene.journal, from, limits);
      };
      await scene.append(...numbered(20));
      scene.delivery.giveUp(next(scene), sentence);
      gate.open();
      await scene.advance(1000);
      // One batch was on its way already.
      assert.deepEqual(scene.counts(), { [count]: 15, delivered: 5 });
    });

    it(`${how}, leaves what lies beyond its end, and the wait of what failed there`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 10, maxInFlight: 1 } });
      t.after(scene.stop);
      scene.exporter.answer = () => retry();
      await scene.append(...numbered(10));
      scene.delivery.giveUp(5, sentence);
      await scene.advance(1000);
      assert.deepEqual(scene.counts(), { [count]: 4, pending: 6 });
      scene.exporter.answer = () => delivered;
      scene.exporter.sent.length = 0;
      await scene.advance(5000);
      assert.deepEqual(scene.exporter.sent, [numbered(10).slice(4)]);
    });
  }

  it('twice is given up once, and more at the second time; to expire is stronger', async (t) => {
    const scene = await harness({ policy: { maxRecords: 10, maxInFlight: 1 } });
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append(...numbered(10));
    scene.life.survivors.letterTrouble = new Error('no room');
    scene.delivery.giveUp(5, skipped);
    scene.delivery.giveUp(8, skipped);
    scene.delivery.giveUp(3, skipped);
    await scene.advance(1000);
    assert.deepEqual(scene.counts(), { pending: 10 });
    scene.delivery.giveUp(4, expire);
    await scene.advance(1000);
    assert.deepEqual(scene.counts(), { expired: 3, pending: 7 });
    scene.life.survivors.letterTrouble = undefined;
    await scene.advance(30_000);
    assert.deepEqual(scene.counts(), { expired: 3, dead_lettered: 4, pending: 3 });
  });

  it('keeps the reason that it had already, and is filtered where processors withhold it', async (t) => {
    const scene = await harness({
      policy: { maxRecords: 1, maxInFlight: 1 },
      processors: processor((record, forward) => text(record) !== 'filtered' && forward(record)),
    });
    t.after(scene.stop);
    scene.life.survivors.letterTrouble = new Error('no room');
    scene.exporter.answer = ([name]) => (name === 'poison' ? reject : delivered);
    await scene.append('poison', 'a');
    await scene.advance(1000);
    scene.exporter.answer = () => hold;
    await scene.append('filtered', 'b');
    scene.delivery.giveUp(next(scene), skipped);
    scene.life.survivors.letterTrouble = undefined;
    await scene.advance(60_000);
    assert.deepEqual(scene.counts(), { delivered: 1, filtered: 1, dead_lettered: 2 });
    assert.deepEqual(
      scene.letters.map(({ kind }) => kind),
      ['rejected', 'skipped'],
    );
  });

  it('is a large backlog: live traffic goes on beside it', async (t) => {
    for (const sentence of [skipped, expire]) {
      const scene = await harness({ policy: { maxRecords: 10, maxInFlight: 1 } });
      t.after(scene.stop);
      scene.exporter.answer = () => hold;
      await scene.append(...numbered(20_000));
      scene.exporter.answer = () => delivered;
      scene.delivery.giveUp(next(scene), sentence);
      await scene.append('live');
      await scene.clock.advance(15_000);
      await until(() => scene.exporter.texts.includes('live'));
      assert.ok(scene.status.pending > 1000, 'before all of the rest was given up');
      await until(() => scene.status.pending === 0);
      const { delivered: done, ...rest } = scene.counts();
      assert.equal(done, 1);
      assert.deepEqual(Object.values(rest), [20_000]);
    }
  });

  it('in a crash is pending again, and its repeats are counted', async (t) => {
    const scene = await harness();
    scene.exporter.answer = () => reset;
    await scene.append('a');
    scene.life.survivors.letterTrouble = new Error('no room');
    scene.delivery.giveUp(next(scene), skipped);
    scene.exporter.answer = () => delivered;
    // What is sent beside it saves the state anew.
    await scene.advance(7500);
    await scene.append('b');
    await scene.advance(7500);
    assert.deepEqual(scene.counts(), { delivered: 1, pending: 1 });
    scene.life.survivors.letterTrouble = undefined;
    const after = await scene.kill({ lost: false });
    t.after(after.stop);
    await after.advance(1000);
    assert.deepEqual(after.counts(), { delivered: 2, ambiguous: 1 });
  });
});

it('what was given up for room and found none as letters is sent when the backend works again', async (t) => {
  const scene = await harness({ letters: { maxAgeMs: 0, maxBytes: 10 } });
  t.after(scene.stop);
  scene.exporter.answer = () => retry();
  await scene.append(...numbered(20));
  const cause = { kind: 'journal_full', summary: 'for room' } as const;
  scene.delivery.giveUp(next(scene), { kind: 'letter', cause });
  await scene.advance(60_000);
  assert.deepEqual(scene.counts(), { pending: 20 });
  scene.exporter.answer = () => delivered;
  await scene.advance(60_000);
  assert.deepEqual(scene.counts(), { delivered: 20 });
  assert.equal(scene.status.state, 'running');
});
