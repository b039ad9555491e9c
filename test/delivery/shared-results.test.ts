import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedResults } from '../../src/delivery/shared-results.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { delivered, hold, text } from './backend.ts';
import { harness, processor } from './harness.ts';

describe('deliveries of one pipeline', () => {
  const pair = async () => {
    let runs = 0;
    const clock = new FakeClock();
    const journal = await openMemoryJournal({ dedup: { windowMs: 3600_000, maxIds: 1000 }, clock });
    const shared = new SharedResults();
    const processors = processor((record, forward) => {
      runs++;
      record.body = `${text(record)}!`;
      if (!text(record).startsWith('x')) forward(record);
    });
    const one = await harness({ clock, journal, shared, processors, name: 'logs one' });
    const two = await harness({ clock, journal, shared, processors, name: 'logs two' });
    /** Both hear of it. */
    const append = async (...names: string[]) => {
      const from = journal.status().next;
      await one.append(...names);
      two.appended.count += names.length;
      for (const [index] of names.entries()) two.delivery.arrived(from + index, 1, clock.now());
      await two.advance(1);
    };
    return { one, two, append, shared, runs: () => runs };
  };

  it('that stand at one place process an entry once between them, and each counts for itself', async (t) => {
    const { one, two, append, runs } = await pair();
    t.after(one.stop);
    t.after(two.stop);
    await append('a', 'x', 'b');
    for (const scene of [one, two]) {
      assert.deepEqual(scene.exporter.texts, ['a!', 'b!']);
      assert.deepEqual(scene.counts(), { delivered: 2, filtered: 1 });
    }
    assert.equal(runs(), 3);
  });

  it('do not wait for one that lags behind: it processes what is not there any more', async (t) => {
    const { one, two, append, shared, runs } = await pair();
    t.after(one.stop);
    t.after(two.stop);
    two.exporter.answer = () => hold;
    await append('a');
    await append('b');
    assert.deepEqual(one.exporter.texts, ['a!', 'b!']);
    shared.clear();
    two.exporter.answer = () => delivered;
    await two.advance(60_000);
    assert.deepEqual(new Set(two.exporter.texts), new Set(['a!', 'b!']));
    assert.deepEqual(two.counts(), { delivered: 2 });
    assert.ok(runs() > 2);
  });
});

it('what is kept is bounded in bytes, and the oldest goes first', () => {
  const shared = new SharedResults();
  for (let position = 1; position <= 40; position++) shared.put(position, [], 100_000);
  assert.equal(shared.get(1), undefined);
  assert.equal(shared.get(20), undefined);
  assert.deepEqual(shared.get(21), []);
  assert.deepEqual(shared.get(40), []);
  shared.put(41, [], 10_000_000);
  assert.equal(shared.get(41), undefined);
  shared.put(42, [], 1);
  assert.deepEqual(shared.get(42), []);
});
