import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delay } from '../../src/clock.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { broken, delivered, reset, retry } from './backend.ts';
import { generator } from './conservation.ts';
import { type Harness, harness, numbered } from './harness.ts';
import { Waits } from './waits.ts';

const isPoison = (name: string) => name.startsWith('poison');
const breakingOn =
  (outcome: Outcome = broken) =>
  (texts: string[]) =>
    texts.some(isPoison) ? outcome : delivered;

/** One new record every so often, for a while; how long the slowest of them waited. */
async function traffic(scene: Harness, everyMs: number, forMs: number, answer = breakingOn()): Promise<Waits> {
  const waits = new Waits(scene.clock);
  scene.exporter.answer = (texts) => waits.seen(texts, answer(texts));
  for (let count = 0; count < forMs / everyMs; count++) {
    await waits.append(scene, `traffic-${scene.clock.monotonic()}`);
    await scene.advance(everyMs);
  }
  return waits;
}

describe('a record at which the backend breaks (500) while others pass', () => {
  for (const [what, outcome] of Object.entries({ 500: broken, reset }))
    it(`is found in its batch, delays nobody, and becomes a dead letter after 10 failures over 10 minutes (${what})`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 100 } });
      t.after(scene.stop);
      scene.exporter.answer = breakingOn(outcome);
      await scene.append(...numbered(60), 'poison', ...numbered(39, 'm'));
      const early = await traffic(scene, 1000, 300_000, breakingOn(outcome));
      assert.ok(early.worst <= 100, `some traffic waited ${early.worst} ms`);
      assert.deepEqual(scene.counts().pending, 1, 'its companions arrived');
      assert.deepEqual(
        [scene.status.state, scene.status.reason],
        ['held', what === '500' ? '500 from backend' : 'reset'],
      );
      const later = await traffic(scene, 2000, 400_000, breakingOn(outcome));
      assert.ok(later.worst === 0, `some traffic waited ${later.worst} ms`);
      const { ambiguous, ...rest } = scene.counts();
      assert.deepEqual(rest, { delivered: 99 + 300 + 200, dead_lettered: 1 });
      // Each answer but the last one that a record got left open whether it was stored.
      const again = [...numbered(60), 'poison', ...numbered(39, 'm')].map((name) => scene.exporter.times(name) - 1);
      assert.equal(
        ambiguous,
        again.reduce((sum, times) => sum + times, 0),
      );
      const { cause, attempts } = await scene.letterOf('poison');
      assert.equal(cause.kind, 'gave_up');
      assert.match(cause.summary, /^it failed \d+ times while others passed: /);
      assert.ok(attempts >= 8 && scene.exporter.times('poison') >= 10);
    });

  it('is found also where traffic is sparse, and delays nobody for long', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = breakingOn();
    await scene.append('poison');
    const { worst } = await traffic(scene, 300_000, 4 * 3600_000);
    assert.ok(worst <= 100, `some traffic waited ${worst} ms`);
    const { ambiguous: _, ...rest } = scene.counts();
    assert.deepEqual(rest, { delivered: 48, dead_lettered: 1 });
  });

  it('is never given up without other traffic', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = breakingOn();
    await scene.append('before');
    await scene.append('poison');
    await scene.advance(6 * 3600_000);
    const { ambiguous: _, ...rest } = scene.counts();
    assert.deepEqual(rest, { delivered: 1, pending: 1 });
    scene.exporter.answer = () => delivered;
    await scene.advance(30_000);
    assert.equal(scene.status.delivered, 2);
  });

  it('with 429 or a refused connection is never given up: that speaks of the moment', async (t) => {
    for (const outcome of [retry({ status: 429 }), { ...reset, ambiguous: false }]) {
      const scene = await harness({ policy: { maxRecords: 5 } });
      t.after(scene.stop);
      scene.exporter.answer = breakingOn(outcome);
      await scene.append('poison', ...numbered(4));
      await traffic(scene, 5000, 1800_000, breakingOn(outcome));
      assert.deepEqual(scene.counts(), { delivered: 360, pending: 5 });
    }
  });

  it('two of them, one after the other, at the head, starve nobody', async (t) => {
    const scene = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
    t.after(scene.stop);
    scene.exporter.answer = breakingOn();
    await scene.append('poison-1', 'poison-2', ...numbered(20));
    await scene.advance(30_000);
    assert.equal(scene.status.delivered, 20);
  });

  it('one in every batch looks like an outage, and is none: a lone record that passes shows it', async (t) => {
    const scene = await harness({ policy: { maxRecords: 100, maxInFlight: 10 } });
    t.after(scene.stop);
    scene.exporter.answer = breakingOn();
    const names = Array.from({ length: 40 }, (_, batch) => [`poison-${batch}`, ...numbered(99, `b${batch}-`)]);
    await scene.append(...names.flat());
    for (let step = 0; step < 90 && scene.status.delivered < 40 * 99; step++) await scene.advance(60_000);
    assert.equal(scene.status.delivered, 40 * 99);
    for (let step = 0; step < 60 && scene.status.pending > 0; step++) await traffic(scene, 30_000, 30_000);
    assert.equal(scene.counts().dead_lettered, 40);
  });
});

it('a backend too slow for large batches gets smaller ones, and everything arrives', async (t) => {
  const scene = await harness({ policy: { maxRecords: 200, maxInFlight: 4 } });
  const { clock, exporter } = scene;
  t.after(scene.stop);
  exporter.answer = async (texts) => {
    await delay(clock, Math.min(10_000, texts.length * 100));
    return texts.length >= 100 ? { ...reset, reason: { summary: 'timeout', code: 'ETIMEDOUT' } } : delivered;
  };
  await scene.append(...numbered(2000));
  for (let step = 0; step < 60 && scene.status.pending > 0; step++) await scene.advance(60_000);
  assert.equal(scene.counts().delivered, 2000);
});

for (const share of [0.5, 0.9]) {
  it(`a backend that fails at random for an hour, ${share} of all requests, loses nothing, and next to nothing is given up`, async (t) => {
    const random = generator(42);
    const scene = await harness({ policy: { maxRecords: 10, maxInFlight: 4 }, random });
    t.after(scene.stop);
    const failures = [retry(), broken, reset, retry({ status: 429 })];
    const answer = () => (random() >= share ? delivered : (failures[Math.floor(random() * 4)] as Outcome));
    scene.exporter.answer = answer;
    for (let step = 0; step < 720; step++) {
      await scene.append(...numbered(5, `s${step}-`));
      await scene.advance(5000);
    }
    scene.exporter.answer = () => delivered;
    for (let step = 0; step < 10 && scene.status.pending > 0; step++) await scene.advance(60_000);
    const { delivered: done = 0, dead_lettered: buried = 0 } = scene.counts();
    assert.equal(done + buried, 3600);
    // To be given up, a record must fail at each try for 10 minutes, some 22 times in a row, and a third of the others pass at once.
    assert.equal(buried, 0);
  });
}
