import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { broken, delivered, forbidden, hold, reject, reset, retry, tooLarge } from './backend.ts';
import { type Harness, harness, numbered } from './harness.ts';

describe('stopping', () => {
  it('sends what is there before it ends', async () => {
    const { exporter, append, delivery, counts } = await scripted({ policy: { minRecords: 100 } });
    await append('a', 'b');
    assert.deepEqual(exporter.sent, []);
    await delivery.shutdown(new AbortController().signal);
    assert.deepEqual(exporter.sent, [['a', 'b']]);
    assert.deepEqual(counts(), { delivered: 2 });
  });

  it('cuts at the deadline what is in flight, and the next start sends it again', async (t) => {
    const { exporter, append, delivery, again } = await scripted();
    exporter.answer = (_texts, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(reset), { once: true }));
    await append('a', 'b');
    const deadline = new AbortController();
    const stopped = delivery.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    exporter.answer = () => delivered;
    const after = await again();
    t.after(after.stop);
    assert.deepEqual(after.counts(), { delivered: 2, ambiguous: 2 });
  });

  it('at the deadline does not wait for an exporter that ignores it', async () => {
    const { exporter, append, delivery, counts } = await scripted();
    exporter.answer = () => new Promise<Outcome>(() => {});
    await append('a');
    const deadline = new AbortController();
    const stopped = delivery.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    assert.deepEqual(counts(), { pending: 1 });
  });

  it('does not try again what is held or retrying', async () => {
    for (const trouble of [hold, retry()]) {
      const { exporter, append, delivery, counts } = await scripted();
      exporter.answer = () => trouble;
      await append('a');
      await delivery.shutdown(new AbortController().signal);
      assert.equal(exporter.sent.length, 1);
      assert.deepEqual(counts(), { pending: 1 });
    }
  });

  it('writes the dead letters that are due, also where the backend is in trouble', async () => {
    const scene = await harness();
    const gate = latch<Outcome>();
    scene.exporter.answer = () => gate.promise;
    await scene.append('a', 'b', 'c');
    const stopped = scene.delivery.shutdown(new AbortController().signal);
    scene.delivery.giveUp(scene.journal.status().next, { kind: 'letter', cause: { kind: 'skipped', summary: 's' } });
    gate.open(hold);
    await stopped;
    assert.deepEqual(scene.counts(), { dead_lettered: 3 });
  });

  it('at once, before anything was sent, sends nothing and repeats nothing', async (t) => {
    const scene = await harness({ policy: { minRecords: 100 } });
    await scene.append('a');
    await scene.stop();
    assert.deepEqual(scene.exporter.sent, []);
    const after = await scene.again({ policy: {} });
    t.after(after.stop);
    assert.deepEqual(after.counts(), { delivered: 1 });
  });

  it('ends where a deadline has passed before, and twice does no harm', async () => {
    const scene = await harness();
    scene.exporter.answer = () => new Promise<Outcome>(() => {});
    await scene.append('a');
    await Promise.all([scene.stop(), scene.stop()]);
    assert.deepEqual(scene.counts(), { pending: 1 });
  });
});

/** The parts of a harness as functions that need no `this`. */
async function scripted(options: Parameters<typeof harness>[0] = {}) {
  const scene = await harness(options);
  const { exporter, append, delivery, again } = scene;
  return { exporter, append, delivery, again, counts: () => scene.counts() };
}

const outcomes: Record<string, Outcome> = {
  delivered,
  'partial success': { kind: 'delivered', rejected: 1, message: 'one' },
  unavailable: retry(),
  'Retry-After': retry({ status: 429, afterMs: 30_000 }),
  broken,
  reset,
  hold,
  forbidden,
  reject,
  tooLarge,
};
/** Where the backend may have stored the records. */
const ambiguous = new Set(['broken', 'reset']);
const ends = [
  'no shutdown',
  'shutdown before',
  'shutdown after',
  'at the deadline',
  'killed before',
  'killed after',
] as const;

describe('the answer to one of several requests in flight', () => {
  for (const [what, outcome] of Object.entries(outcomes)) {
    for (const end of ends) {
      it(`${what}, ${end}: nothing is lost, and nothing repeated without being counted`, async () => {
        for (const place of [0, 2, 4]) await play(what, outcome, end, place);
      });
    }
  }
});

/** Five requests of two records each; the one at `place` gets the outcome while the others are under way. */
async function play(what: string, outcome: Outcome, end: (typeof ends)[number], place: number): Promise<void> {
  let scene: Harness = await harness({ policy: { maxRecords: 2, minRecords: 2, maxInFlight: 5 } });
  const { exporter } = scene;
  const gates = Array.from({ length: 5 }, () => latch<Outcome>());
  const stored = new Map<string, number>();
  const store = (texts: readonly string[]) => {
    for (const name of texts) stored.set(name, (stored.get(name) ?? 0) + 1);
  };
  const first = new Map(gates.map(({ promise }, index) => [`n${2 * index}`, promise]));
  exporter.answer = async (texts) => {
    const gate = first.get(texts[0] as string);
    first.delete(texts[0] as string);
    const answer = (await gate) ?? delivered;
    if (answer.kind === 'delivered' || (answer.kind === 'retry' && answer.ambiguous)) store(texts);
    return answer;
  };
  await scene.append(...numbered(10));
  assert.equal(exporter.inFlight, 5);
  const deadline = new AbortController();
  let stopped: Promise<void> | undefined;
  if (end === 'shutdown before') stopped = scene.delivery.shutdown(deadline.signal);
  if (end === 'at the deadline') stopped = scene.delivery.shutdown(AbortSignal.abort());
  if (end === 'killed before') scene = await scene.kill();
  gates[place]?.open(outcome);
  await settle();
  scene.balanced();
  if (end === 'shutdown after') stopped = scene.delivery.shutdown(deadline.signal);
  if (end === 'killed after') scene = await scene.kill();
  scene.balanced();
  for (const gate of gates) gate.open(delivered);
  await settle();
  scene.balanced();
  await stopped;
  // What was cut may arrive all the same.
  exporter.answer = (texts) => {
    store(texts);
    return delivered;
  };
  if (stopped) scene = await scene.again();
  for (let step = 0; step < 6; step++) await scene.advance(20_000);
  const { ambiguous: repeats = 0, ...rest } = scene.counts();
  const { rejected_by_backend: rejected = 0 } = rest;
  // Where the answer came after the death, or after the deadline, nobody counted it.
  if (what === 'partial success') assert.ok(rejected === 1 || end.startsWith('killed') || end === 'at the deadline');
  else assert.equal(rejected, 0);
  assert.deepEqual(rest, { delivered: 10 - rejected, ...(rejected > 0 && { rejected_by_backend: rejected }) });
  assert.equal(scene.status.pending, 0);
  assert.deepEqual([...stored.keys()].sort(), numbered(10));
  const doubled = [...stored.values()].reduce((sum, times) => sum + times - 1, 0);
  assert.ok(doubled <= repeats, `place ${place}: ${doubled} stored twice, ${repeats} counted`);
  if (end === 'no shutdown') assert.equal(repeats, ambiguous.has(what) ? 2 : 0);
  await scene.stop();
}
