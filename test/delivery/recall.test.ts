import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import {
  broken,
  delivered,
  forbidden,
  type Harness,
  type HarnessOptions,
  harness,
  hold,
  numbered,
  processor,
  reject,
  retry,
  text,
  tooLarge,
} from './harness.ts';
import { Waits } from './waits.ts';

const isPoison = (name: string) => name.startsWith('poison');
const refusing =
  (outcome: Outcome = reject) =>
  (texts: string[]) =>
    texts.some(isPoison) ? outcome : delivered;

/** A delivery with so many dead letters, each refused, and a good record after each. */
async function withLetters(count: number, options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const scene = await harness({ policy: { maxRecords: 1, maxInFlight: 1 }, ...options });
  scene.exporter.answer = refusing();
  for (let index = 0; index < count; index++) {
    await scene.append(`poison-${index}`, `good-${index}`);
    await scene.advance(200);
  }
  assert.deepEqual(scene.counts(), { delivered: count, dead_lettered: count });
  scene.exporter.sent.length = 0;
  return scene;
}

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
