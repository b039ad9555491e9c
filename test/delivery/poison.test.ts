import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { delivered, forbidden, hold, reject, tooLarge } from './backend.ts';
import { type Harness, type HarnessOptions, harness, numbered, quiet, until } from './harness.ts';
import { Waits } from './waits.ts';

const isPoison = (name: string) => name.startsWith('poison');
/** Refuses whatever holds a poison record. */
const refusing =
  (outcome: Outcome = reject) =>
  (texts: string[]) =>
    texts.some(isPoison) ? outcome : delivered;

/** A thousand records in one batch, poison at the given places. */
async function thousand(poison: readonly number[], options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const scene = await harness({ policy: { maxRecords: 1000, minRecords: 1000 }, ...options });
  scene.exporter.answer = refusing();
  await scene.append(...numbered(1000).map((name, index) => (poison.includes(index) ? `poison-${index}` : name)));
  await quiet(scene.exporter);
  return scene;
}

/** Each record but the poison reached the backend in one accepted request. */
function onceEach({ exporter }: Harness): void {
  const times = new Map<string, number>();
  for (const texts of exporter.sent)
    if (!texts.some(isPoison)) for (const name of texts) times.set(name, (times.get(name) ?? 0) + 1);
  for (const [name, count] of times) assert.equal(count, 1, name);
}

describe('a record that the backend refuses, in a batch of 1,000,', () => {
  const LOG = 2 * Math.log2(1000);
  for (const [where, place] of Object.entries({ 'in the middle': 617, 'at the head': 0, 'at the tail': 999 })) {
    it(`${where}, is found in few requests and becomes a dead letter; the others arrive once`, async (t) => {
      const scene = await thousand([place]);
      t.after(scene.stop);
      await scene.advance(1000);
      assert.deepEqual(scene.counts(), { delivered: 999, dead_lettered: 1 });
      assert.deepEqual([scene.status.state, scene.status.reason], ['running', null]);
      const extra = scene.exporter.sent.length - 1;
      assert.ok(extra <= LOG + 2, `${extra} requests more than one`);
      assert.equal(scene.exporter.mostInFlight, 1);
      onceEach(scene);
      const letter = await scene.letterOf(`poison-${place}`);
      assert.deepEqual(letter.cause, {
        kind: 'rejected',
        summary: '400 Bad Request',
        status: 400,
        body: 'no such field',
      });
      assert.deepEqual([letter.position, letter.at, letter.attempts >= 1], [place + 1, scene.clock.now() - 1000, true]);
      const sent = JSON.parse(Buffer.from(letter.sent ?? []).toString());
      assert.deepEqual(sent.resourceLogs[0].scopeLogs[0].logRecords[0].body, { stringValue: `poison-${place}` });
      await scene.append('next');
      await scene.advance(1000);
      assert.equal(scene.status.delivered, 1000);
    });
  }

  it('is found in as few requests where most entries are filtered, or of other receivers', async (t) => {
    const scene = await harness({ policy: { maxRecords: 64, minRecords: 64 }, sources: ['in'] });
    t.after(scene.stop);
    const { journal, exporter } = scene;
    exporter.answer = refusing();
    const entries = numbered(2000).map((name, index) => {
      const ours = index < 60 || index > 1995;
      return { source: ours ? 'in' : 'other', body: index === 1 ? 'poison' : name, ours };
    });
    await journal.append(
      entries.map(({ source, body }) => ({ source, receivedAt: 0, records: 1, metadata: {}, body: Buffer.from(body) })),
    );
    scene.appended.count = 64;
    for (let index = 0; index < 64; index++) scene.delivery.arrived(index + 1, 1, 0);
    await quiet(exporter);
    await scene.advance(1000);
    assert.deepEqual(scene.counts(), { delivered: 63, dead_lettered: 1 });
    assert.ok(exporter.sent.length - 1 <= 2 * Math.log2(64) + 2, `${exporter.sent.length} requests`);
  });

  it('has neighbours that it refuses too: each becomes a dead letter, the others arrive once', async (t) => {
    const poison = [0, 1, 2, 500, 501, 998, 999];
    const scene = await thousand(poison);
    t.after(scene.stop);
    for (let step = 0; step < 8; step++) await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 993, dead_lettered: 6, pending: 1 });
    // After the last one nothing was accepted yet.
    await scene.append('later');
    await scene.advance(1000);
    assert.deepEqual(scene.counts(), { delivered: 994, dead_lettered: 7 });
    assert.deepEqual(
      scene.letters.map(({ position }) => position - 1),
      poison,
    );
    assert.equal(scene.status.state, 'running');
    const extra = scene.exporter.sent.length - 1;
    assert.ok(extra <= poison.length * (LOG + 3), `${extra} requests more than one`);
    onceEach(scene);
  });

  it('anywhere, any of them: dead letters are these and no others', async () => {
    const places = fc.uniqueArray(fc.nat(63), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(reject, tooLarge), async (poison, outcome) => {
        const scene = await harness({ policy: { maxRecords: 32, minRecords: 32, maxInFlight: 3 } });
        scene.exporter.answer = refusing(outcome);
        await scene.append(...numbered(64).map((name, index) => (poison.includes(index) ? `poison-${index}` : name)));
        await scene.advance(600_000);
        // One dead letter more for each record that is accepted, also where only poison is left.
        for (const name of numbered(poison.length, 'later')) {
          await scene.append(name);
          await scene.advance(60_000);
        }
        assert.equal(scene.status.delivered, 64);
        assert.deepEqual(
          scene.letters.map(({ position }) => position - 1),
          poison.toSorted((a, b) => a - b),
        );
        onceEach(scene);
        await scene.stop();
      }),
      { numRuns: 40 },
    );
  });
});

describe('a poison record', () => {
  it('alone, without traffic, is kept and shown; the first traffic is not delayed, and proves it', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = refusing();
    await scene.append('poison');
    await scene.advance(3600_000);
    assert.deepEqual(scene.counts(), { pending: 1 });
    assert.deepEqual([scene.status.state, scene.status.reason], ['held', '400 Bad Request']);
    assert.ok(scene.exporter.sent.length <= 242, `${scene.exporter.sent.length} requests in an hour`);
    await scene.append('good');
    assert.equal(scene.status.delivered, 1);
    await scene.advance(1);
    assert.deepEqual(scene.counts(), { delivered: 1, dead_lettered: 1 });
    assert.equal(scene.status.state, 'running');
  });

  it('alone, that the backend takes after all, is delivered', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = refusing();
    await scene.append('poison');
    await scene.advance(40_000);
    scene.exporter.answer = () => delivered;
    await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 1 });
  });

  it('one in ten, hour after hour, keeps nobody else waiting for long', async (t) => {
    const scene = await harness({ policy: { maxRecords: 100, maxInFlight: 4 } });
    t.after(scene.stop);
    scene.exporter.answer = refusing();
    await scene.append(
      ...Array.from({ length: 1000 }, (_, index) => (index % 10 === 3 ? `poison-${index}` : `n${index}`)),
    );
    await scene.advance(60_000);
    await until(() => scene.status.pending === 0);
    assert.deepEqual(scene.counts(), { delivered: 900, dead_lettered: 100 });
  });

  it('that is too large alone, while others are not, becomes a dead letter of that kind', async (t) => {
    const scene = await thousand([300]);
    t.after(scene.stop);
    const other = await harness({ policy: { maxRecords: 100 } });
    t.after(other.stop);
    other.exporter.answer = (texts) => (texts.length > 10 || texts.some(isPoison) ? tooLarge : delivered);
    await other.append(...numbered(50), 'poison', ...numbered(49));
    await quiet(other.exporter);
    await other.advance(1000);
    assert.deepEqual(other.counts(), { delivered: 99, dead_lettered: 1 });
    assert.equal(other.letters[0]?.kind, 'too_large');
  });
});

describe('a backend that refuses everything', () => {
  for (const [what, outcome] of Object.entries({ reject, tooLarge })) {
    it(`from the start is the problem: few requests, nothing buried, all delivered later (${what})`, async (t) => {
      const scene = await harness({ policy: { maxRecords: 100, maxInFlight: 4 } });
      const { exporter } = scene;
      t.after(scene.stop);
      exporter.answer = () => outcome;
      await scene.append(...numbered(1000));
      await quiet(exporter);
      assert.ok(exporter.sent.length <= 4 + 2 * 7 + 2, `${exporter.sent.length} requests`);
      assert.equal(scene.status.state, 'held');
      await scene.advance(3600_000);
      assert.ok(exporter.sent.length <= 20 + 241, `${exporter.sent.length} requests in an hour`);
      assert.deepEqual(scene.counts(), { pending: 1000 });
      exporter.answer = () => delivered;
      await scene.advance(60_000);
      await until(() => scene.status.pending === 0);
      assert.deepEqual(scene.counts(), { delivered: 1000 });
      assert.equal(scene.status.state, 'running');
    });

    it(`from anywhere in a bisection on, for an hour, buries one record wrongly at most (${what})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(30), fc.nat(99), async (from, place) => {
          const scene = await harness({ policy: { maxRecords: 100, minRecords: 100 } });
          const { exporter } = scene;
          exporter.answer = (texts) => (exporter.sent.length > from || texts.some(isPoison) ? outcome : delivered);
          await scene.append(
            ...numbered(100).map((name, index) => (index === place ? 'poison' : name)),
            ...numbered(50, 'm'),
          );
          await scene.advance(3600_000);
          exporter.answer = (texts) => (texts.some(isPoison) ? outcome : delivered);
          await scene.advance(120_000);
          const letters = await Promise.all(scene.letters.map((key) => scene.journal.deadLetters.get(key)));
          const wrong = letters.filter((letter) => !isPoison(Buffer.from(letter?.entry.body ?? []).toString()));
          assert.ok(wrong.length <= 1, `${wrong.length} buried wrongly`);
          assert.deepEqual(scene.counts(), { delivered: 149 - wrong.length, dead_lettered: 1 + wrong.length });
          await scene.stop();
        }),
        { numRuns: 25 },
      );
    });
  }
});

describe('a body that a firewall forbids (403) while others pass', () => {
  it('is found and becomes a dead letter; others wait for a moment only', async (t) => {
    const scene = await thousand([], { policy: { maxRecords: 100, minRecords: 1, maxInFlight: 4 } });
    t.after(scene.stop);
    const waits = new Waits(scene.clock);
    scene.exporter.answer = (texts) => waits.seen(texts, refusing(forbidden)(texts));
    await scene.append(...numbered(40), 'poison', ...numbered(59));
    for (let second = 0; second < 300; second++) {
      await waits.append(scene, `traffic-${second}`);
      await scene.advance(1000);
    }
    assert.equal(waits.unseen, 0);
    assert.ok(waits.worst <= 200, `some waited ${waits.worst} ms`);
    assert.deepEqual(scene.counts(), { delivered: 1399, dead_lettered: 1 });
    assert.equal(scene.letters[0]?.kind, 'rejected');
  });

  it('is not looked for where the key was revoked: nothing is buried', async (t) => {
    const scene = await harness({ policy: { maxRecords: 100 } });
    t.after(scene.stop);
    await scene.append(...numbered(100));
    scene.exporter.answer = () => forbidden;
    await scene.append(...numbered(300));
    await scene.advance(3600_000);
    assert.deepEqual(scene.counts(), { delivered: 100, pending: 300 });
    assert.ok(scene.exporter.sent.length < 1 + 10 + 242, `${scene.exporter.sent.length} requests in an hour`);
    scene.exporter.answer = () => hold;
    await scene.advance(600_000);
    scene.exporter.answer = () => delivered;
    await scene.advance(60_000);
    assert.deepEqual(scene.counts(), { delivered: 400 });
  });
});

it('more scattered batches than can be put aside are told so, and others go on when they are taken', async (t) => {
  const scene = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
  t.after(scene.stop);
  // No dead letter can be written, so that all of them stay.
  scene.life.survivors.letterTrouble = new Error('no room');
  scene.exporter.answer = refusing();
  await scene.append(...numbered(520).flatMap((name) => [`poison-${name}`, name]));
  for (let steps = 0; steps < 100 && !/nothing new is begun/.test(scene.status.reason ?? ''); steps++)
    await scene.advance(1000);
  assert.match(
    scene.status.reason ?? '',
    /dead letters can't be kept: no room \(\d+ batches are put aside; nothing new is begun\)/,
  );
  scene.life.survivors.letterTrouble = undefined;
  for (let steps = 0; steps < 100 && scene.status.pending > 0; steps++) await scene.advance(1000);
  assert.deepEqual(scene.counts(), { delivered: 520, dead_lettered: 520 });
});
