import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { broken, delivered, forbidden, hold, reject, retry, text, tooLarge } from './backend.ts';
import { harness, numbered, processor } from './harness.ts';
import { isPoison, refusing, withLetters } from './recalling.ts';
import { Waits } from './waits.ts';

describe('a dead letter that is sent again', () => {
  it('and is taken, is delivered, and gone; it was pending meanwhile', async (t) => {
    const scene = await withLetters(2);
    t.after(scene.stop);
    const gate = latch<Outcome>();
    scene.exporter.answer = () => gate.promise;
    await scene.recall();
    assert.deepEqual(scene.counts(), { delivered: 2, pending: 2 });
    gate.open(delivered);
    await settle();
    assert.deepEqual(scene.counts(), { delivered: 4 });
    assert.deepEqual(scene.exporter.sent, [['poison-0'], ['poison-1']]);
    assert.deepEqual(scene.letters, []);
    const after = await scene.again();
    t.after(after.stop);
    assert.deepEqual(after.counts(), { delivered: 4 });
    assert.equal(after.exporter.sent.length, 2);
  });

  it('and is refused again, is a dead letter again, with the new reason and what was sent', async (t) => {
    const scene = await withLetters(1);
    t.after(scene.stop);
    const before = await scene.letterOf('poison-0');
    scene.exporter.answer = refusing(tooLarge);
    await scene.advance(60_000);
    await scene.recall();
    assert.deepEqual(scene.counts(), { delivered: 1, dead_lettered: 1 });
    const after = await scene.letterOf('poison-0');
    assert.deepEqual(after.cause, { kind: 'too_large', summary: '413 Payload Too Large', status: 413 });
    assert.deepEqual([after.attempts, after.at], [before.attempts + 1, scene.clock.now()]);
    assert.match(Buffer.from(after.sent ?? []).toString(), /poison-0/);
    assert.equal(scene.letters[0]?.retrying, false);
    await scene.advance(600_000);
    assert.equal(scene.exporter.sent.length, 1, 'once');
  });

  it('goes through the processors as they are now: changed, filtered, or thrown at', async (t) => {
    for (const [how, onEmit, counts] of [
      ['changed', (_: string, next: () => void) => next(), { delivered: 2 }],
      ['filtered', () => {}, { delivered: 1, filtered: 1 }],
      [
        'thrown at',
        () => {
          throw new Error('no');
        },
        { delivered: 1, dead_lettered: 1 },
      ],
    ] as const) {
      const first = await withLetters(1);
      const { attempts } = await first.letterOf('poison-0');
      const scene = await first.again({
        processors: processor((record, forward) => onEmit(text(record), () => forward(record))),
      });
      t.after(scene.stop);
      scene.exporter.answer = () => delivered;
      await scene.recall();
      assert.deepEqual(scene.counts(), counts, how);
      if (how !== 'thrown at') continue;
      const letter = await scene.letterOf('poison-0');
      assert.deepEqual([letter.cause.kind, letter.attempts], ['processing', attempts], 'nothing was sent');
    }
  });

  it('of which the backend rejects a part is counted so, and not sent again', async (t) => {
    const scene = await withLetters(1);
    t.after(scene.stop);
    scene.exporter.answer = () => ({ kind: 'delivered', rejected: 1, message: 'no' });
    await scene.recall();
    assert.deepEqual(scene.counts(), { delivered: 1, rejected_by_backend: 1 });
    assert.deepEqual(scene.letters, []);
  });

  it('waits where the backend is in trouble, says so, and is sent when that is over', async (t) => {
    for (const [outcome, state] of [
      [retry(), 'retrying'],
      [hold, 'held'],
      [forbidden, 'held'],
    ] as const) {
      const scene = await withLetters(3);
      t.after(scene.stop);
      scene.exporter.answer = () => outcome;
      await scene.recall();
      assert.deepEqual(scene.exporter.sent.length, 1, 'one of them is enough to know');
      assert.equal(scene.status.state, state);
      assert.match(scene.status.reason ?? '', /^50\d|^40\d/);
      await scene.advance(3600_000);
      assert.deepEqual(scene.counts(), { delivered: 3, pending: 3 });
      assert.ok(scene.exporter.sent.length < 245, `${scene.exporter.sent.length} requests in an hour`);
      scene.exporter.answer = () => delivered;
      await scene.advance(31_000);
      assert.deepEqual(scene.counts(), { delivered: 6 });
      assert.deepEqual([scene.status.state, scene.status.reason], ['running', null]);
    }
  });

  it('that the backend still breaks on, or its firewall still forbids, is a dead letter again, while others pass', async (t) => {
    for (const [outcome, kind] of [
      [broken, 'gave_up'],
      [forbidden, 'rejected'],
    ] as const) {
      const scene = await withLetters(2);
      t.after(scene.stop);
      scene.exporter.answer = refusing(outcome);
      await scene.recall();
      for (let step = 0; step < 60; step++) {
        await scene.append(`traffic-${step}`);
        await scene.advance(1000);
      }
      const { ambiguous: _, ...rest } = scene.counts();
      assert.deepEqual(rest, { delivered: 62, dead_lettered: 2 });
      assert.deepEqual(
        scene.letters.map((letter) => [letter.kind, letter.retrying]),
        [
          [kind, false],
          [kind, false],
        ],
      );
    }
  });

  it('holds nobody up: live traffic beside it goes on, whatever becomes of the letters', async (t) => {
    for (const outcome of [delivered, reject, retry(), broken, hold, forbidden]) {
      const scene = await withLetters(20);
      t.after(scene.stop);
      const waits = new Waits(scene.clock);
      scene.exporter.answer = (texts) => waits.seen(texts, refusing(outcome)(texts));
      await scene.recall();
      for (let step = 0; step < 50; step++) {
        await waits.append(scene, `traffic-${step}`);
        await scene.advance(500);
      }
      assert.deepEqual([waits.worst, waits.unseen], [0, 0], outcome.kind);
    }
  });

  it('takes turns with a backlog', async (t) => {
    const scene = await withLetters(10);
    t.after(scene.stop);
    scene.exporter.answer = () => delivered;
    const gate = latch<Outcome>();
    scene.exporter.answer = () => gate.promise;
    await scene.append(...numbered(30));
    await scene.recall();
    scene.exporter.answer = () => delivered;
    gate.open(delivered);
    await scene.advance(0);
    const last = scene.exporter.texts.findLastIndex(isPoison);
    assert.ok(last > 12 && last < 25, `the last letter was sent as number ${last}`);
    assert.deepEqual(scene.counts(), { delivered: 50 });
  });

  it('is counted where it may have arrived before, and its repeats are', async (t) => {
    const scene = await harness({ retry: { maxElapsedMs: 1000 } });
    t.after(scene.stop);
    scene.exporter.answer = () => broken;
    await scene.append('a');
    assert.deepEqual(scene.counts(), { dead_lettered: 1 });
    scene.exporter.answer = () => broken;
    await scene.recall();
    assert.deepEqual(scene.counts(), { dead_lettered: 1, ambiguous: 1 });
    scene.exporter.answer = () => delivered;
    await scene.recall();
    assert.deepEqual(scene.counts(), { delivered: 1, ambiguous: 2 });
  });
});
