import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { broken, delivered, hold, text } from './backend.ts';
import { harness, processor } from './harness.ts';
import { withLetters } from './recalling.ts';

describe('a crash, or a restart, while a dead letter is sent again', () => {
  it('before its request: it is sent after the start', async (t) => {
    const scene = await withLetters(2);
    const { get } = scene.journal.deadLetters;
    scene.journal.deadLetters.get = () => new Promise(() => {});
    await scene.journal.deadLetters.retry(scene.letters.slice(0, 1));
    scene.delivery.recalled();
    scene.journal.deadLetters.get = get;
    scene.exporter.answer = () => delivered;
    const after = await scene.kill({ lost: false });
    t.after(after.stop);
    await after.advance(1000);
    assert.deepEqual(after.counts(), { delivered: 3, dead_lettered: 1 });
  });

  it('during its request: it is sent again, and counted as a repeat', async (t) => {
    const scene = await withLetters(1);
    const stored: string[] = [];
    scene.exporter.answer = (texts) => {
      stored.push(...texts);
      return new Promise(() => {});
    };
    await scene.recall();
    assert.deepEqual(stored, ['poison-0']);
    scene.exporter.answer = () => delivered;
    const after = await scene.kill();
    t.after(after.stop);
    await after.advance(1000);
    assert.deepEqual(after.counts(), { delivered: 2, ambiguous: 1 });
  });

  it('between an ambiguous answer and the next try: the repeat is counted', async (t) => {
    for (const how of ['again', 'kill'] as const) {
      const scene = await withLetters(1);
      scene.exporter.answer = () => broken;
      await scene.recall();
      scene.exporter.answer = () => delivered;
      const after = await scene[how]();
      t.after(after.stop);
      await after.advance(10_000);
      assert.deepEqual(after.counts(), { delivered: 2, ambiguous: 1 }, how);
    }
  });

  it('that was given up after a crash in the middle of its request: the repeat is counted', async (t) => {
    const scene = await harness();
    scene.exporter.answer = () => new Promise(() => {});
    await scene.append('a');
    await scene.advance(1000);
    const after = await scene.kill({ rules: { maxAgeMs: 500, tooOld: 'dead_letter' } });
    assert.deepEqual(after.counts(), { dead_lettered: 1 });
    scene.exporter.answer = () => delivered;
    const last = await after.again({ rules: {} });
    t.after(last.stop);
    await last.recall();
    assert.deepEqual(last.counts(), { delivered: 1, ambiguous: 1 });
  });

  it('while it is removed: an orderly end waits for that', async () => {
    const scene = await withLetters(1);
    const gate = latch();
    const { remove } = scene.journal.deadLetters;
    scene.journal.deadLetters.remove = async (keys) => {
      await gate.promise;
      return remove.call(scene.journal.deadLetters, keys);
    };
    scene.exporter.answer = () => delivered;
    await scene.recall();
    let ended = false;
    const stopped = scene.delivery.shutdown(new AbortController().signal).then(() => {
      ended = true;
    });
    await settle();
    assert.equal(ended, false);
    gate.open();
    await stopped;
    assert.deepEqual(scene.letters, []);
    assert.deepEqual(scene.counts(), { delivered: 2 });
  });

  it('between the ledger and the removal: it is removed, and neither sent nor counted again', async (t) => {
    const scene = await withLetters(2);
    const { remove } = scene.journal.deadLetters;
    scene.journal.deadLetters.remove = () => new Promise(() => {});
    scene.exporter.answer = () => delivered;
    await scene.recall('poison-0');
    assert.deepEqual(scene.counts(), { delivered: 3, dead_lettered: 1 });
    assert.deepEqual(scene.life.cursor.state.redeemed, [1]);
    assert.equal(scene.letters.length, 2);
    scene.journal.deadLetters.remove = remove;
    const after = await scene.kill();
    t.after(after.stop);
    await after.advance(60_000);
    assert.deepEqual(after.counts(), { delivered: 3, dead_lettered: 1 });
    assert.equal(after.exporter.times('poison-0'), 1);
    assert.deepEqual(
      after.letters.map(({ position }) => position),
      [3],
    );
    assert.equal(after.life.cursor.state.redeemed, undefined);
  });

  it('at its processing: it is a dead letter again at the next start, and the process lives', async (t) => {
    const scene = await withLetters(2);
    await scene.journal.deadLetters.retry(scene.letters);
    scene.exporter.answer = () => delivered;
    // It has died while it was at the first one.
    const seen: string[] = [];
    const after = await scene.kill({
      lost: false,
      died: { position: 1, deaths: 1 },
      processors: processor((record, forward) => {
        seen.push(text(record));
        forward(record);
      }),
    });
    t.after(after.stop);
    await after.advance(1000);
    assert.deepEqual(seen, ['poison-1']);
    assert.deepEqual(after.counts(), { delivered: 3, dead_lettered: 1 });
    assert.deepEqual(
      after.letters.map(({ kind, retrying }) => [kind, retrying]),
      [['crash', false]],
    );
  });
});

describe('a store of dead letters that does not work', () => {
  it('while one was delivered: that one is not sent again, the others wait, and go when it works', async (t) => {
    const scene = await withLetters(3);
    t.after(scene.stop);
    scene.exporter.answer = () => delivered;
    await scene.journal.deadLetters.retry(scene.letters);
    scene.life.survivors.letterTrouble = new Error('EIO');
    scene.delivery.recalled();
    await scene.advance(120_000);
    assert.deepEqual(scene.exporter.sent, [['poison-0']]);
    assert.deepEqual(scene.counts(), { delivered: 4, pending: 2 });
    assert.deepEqual([scene.status.state, scene.status.reason], ['held', "dead letters can't be removed: EIO"]);
    scene.delivery.recalled();
    await scene.advance(60_000);
    assert.equal(scene.exporter.sent.length, 1, 'asked for again, it is not sent again');
    scene.life.survivors.letterTrouble = undefined;
    await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 6 });
    assert.deepEqual(scene.letters, []);
  });

  it('where a letter was removed by hand while it waited: the rest go on, and it counts as dead-lettered', async (t) => {
    const scene = await withLetters(3);
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.recall();
    assert.deepEqual(scene.counts(), { delivered: 3, pending: 3 });
    await scene.journal.deadLetters.remove(scene.letters.slice(1, 2));
    scene.exporter.answer = () => delivered;
    await scene.advance(60_000);
    assert.deepEqual(scene.counts(), { delivered: 5, dead_lettered: 1 });
    assert.deepEqual(scene.letters, []);
  });
});
