import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { broken, delivered, hold, retry, text } from './backend.ts';
import { appendFrom, harness, numbered, processor, until } from './harness.ts';

describe('a delivery that runs', () => {
  it('sends what arrives, settles it and counts it', async (t) => {
    const { status, exporter, append, journal, stop, counts } = await start();
    t.after(stop);
    await append('a', 'b', 'c');
    assert.deepEqual(exporter.texts, ['a', 'b', 'c']);
    assert.deepEqual(counts(), { delivered: 3 });
    const { state, reason } = status();
    assert.deepEqual({ state, reason }, { state: 'running', reason: null });
    assert.equal(journal.status().next, 4);
  });

  it('waits for more until a batch has its minimum, but not longer than the flush timeout', async (t) => {
    const { exporter, append, clock, stop } = await start({ policy: { minRecords: 3, flushTimeoutMs: 200 } });
    t.after(stop);
    await append('a', 'b');
    assert.deepEqual(exporter.sent, []);
    await clock.advance(199);
    assert.deepEqual(exporter.sent, []);
    await clock.advance(1);
    assert.deepEqual(exporter.sent, [['a', 'b']]);
    await append('c', 'd');
    await append('e');
    assert.deepEqual(exporter.sent.at(-1), ['c', 'd', 'e']);
  });

  it('cuts batches by count and by bytes, and sends a record that is too large alone', async (t) => {
    const { exporter, append, stop } = await start({ policy: { maxRecords: 2, maxBytes: 5 } });
    t.after(stop);
    await append('aa', 'bb', 'cc', 'longer-than-all', 'd', 'eeee', 'f');
    assert.deepEqual(exporter.sent, [['aa', 'bb'], ['cc'], ['longer-than-all'], ['d', 'eeee'], ['f']]);
  });

  it('has several requests in flight, up to its limit, and the cursor passes only what is settled', async (t) => {
    const scene = await harness({ policy: { maxRecords: 1, maxInFlight: 3 } });
    const { exporter, append, journal } = scene;
    t.after(scene.stop);
    const gates = new Map(numbered(5).map((name) => [name, latch<Outcome>()]));
    exporter.answer = ([name]) => (gates.get(name as string) as { promise: Promise<Outcome> }).promise;
    await append(...numbered(5));
    assert.equal(exporter.mostInFlight, 3);
    assert.equal(scene.status.in_flight, 3);
    gates.get('n1')?.open(delivered);
    gates.get('n2')?.open(delivered);
    await settle();
    assert.equal(exporter.mostInFlight, 3);
    assert.equal(scene.status.pending, 3);
    gates.get('n3')?.open(delivered);
    await settle();
    // n0 and n4 never end: what a restart finds is exactly them.
    for (const name of ['n0', 'n4']) gates.get(name)?.open(retry({ ambiguous: true }));
    await settle();
    exporter.answer = () => delivered;
    exporter.sent.length = 0;
    const after = await scene.again();
    t.after(after.stop);
    assert.deepEqual(exporter.texts.sort(), ['n0', 'n4']);
    assert.deepEqual(after.counts(), { delivered: 5, ambiguous: 2 });
    assert.equal(journal.status().next, 6);
  });

  it('counts what the backend rejected in a partial success, keeps its message, and never sends it again', async (t) => {
    const scene = await harness();
    scene.exporter.answer = () => ({ kind: 'delivered', rejected: 1, message: 'one was bad' });
    await scene.append('a', 'b', 'c');
    assert.deepEqual(scene.counts(), { delivered: 2, rejected_by_backend: 1 });
    assert.equal(scene.exporter.sent.length, 1);
    const after = await scene.again();
    t.after(after.stop);
    assert.equal(after.status.last_rejection, 'one was bad');
    assert.deepEqual(after.counts(), { delivered: 2, rejected_by_backend: 1 });
  });

  it('says how old the oldest pending entry is: unread, waiting for its batch, in flight, and failed', async (t) => {
    const scene = await harness({ policy: { minRecords: 2, flushTimeoutMs: 20_000, maxInFlight: 1 } });
    t.after(scene.stop);
    const gate = latch<Outcome>();
    scene.exporter.answer = () => gate.promise;
    await scene.append('waits for its batch');
    await scene.advance(10_000);
    assert.equal(scene.status.oldest_pending_seconds, 10);
    await scene.append('fills it');
    await scene.append('unread');
    await scene.advance(2000);
    assert.equal(scene.status.oldest_pending_seconds, 12);
    gate.open(retry());
    await scene.advance(1000);
    assert.equal(scene.status.oldest_pending_seconds, 13);
    scene.exporter.answer = () => delivered;
    await scene.advance(60_000);
    assert.equal(scene.status.oldest_pending_seconds, 0);
  });
});

describe('processors', () => {
  const keep = processor((record, forward) => text(record).includes('keep') && forward(record));

  it('that withhold a record filter it: counted and settled, even where nothing is left to send', async (t) => {
    const { exporter, append, stop, counts } = await start({ processors: keep });
    t.after(stop);
    await append('x', 'keep', 'y');
    await append('z');
    assert.deepEqual(exporter.sent, [['keep']]);
    assert.deepEqual(counts(), { filtered: 3, delivered: 1 });
  });

  it('that filter nearly everything do not keep the progress back until the end', async (t) => {
    const scene = await harness({ processors: keep });
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append('keep', ...numbered(9000));
    await until(() => scene.status.filtered > 0);
    assert.deepEqual(scene.counts(), { filtered: 4096, pending: 4905 });
    await scene.advance(15_000);
    await until(() => scene.exporter.sent.length === 2);
    assert.deepEqual(scene.life.cursor.state.settled, [[4098, 9001]]);
    assert.deepEqual(scene.counts(), { filtered: 4904, pending: 4097 });
  });

  it('that split a record: it is delivered once, when all its parts are', async (t) => {
    const split = processor((record, forward) => [record, record].forEach(forward));
    const { exporter, append, stop, counts } = await start({ processors: split });
    t.after(stop);
    exporter.answer = () => ({ kind: 'delivered', rejected: 3 });
    await append('a', 'b');
    assert.deepEqual(exporter.sent, [['a', 'a', 'b', 'b']]);
    assert.deepEqual(counts(), { rejected_by_backend: 2 });
  });
});

describe('a receiver that leaves or joins the pipeline', () => {
  it('leaves no backlog behind, and brings none along', async (t) => {
    const first = await harness({ sources: ['in'] });
    first.exporter.answer = () => hold;
    await first.append('old');
    await appendFrom(first.journal, 'other', ['not ours']);
    first.exporter.sent.length = 0;
    first.exporter.answer = () => delivered;
    const second = await first.again({ sources: ['other'] });
    t.after(second.stop);
    await appendFrom(first.journal, 'other', ['ours now']);
    await settle();
    assert.deepEqual(first.exporter.texts, ['old', 'ours now']);
  });
});

it('entries that are damaged on disk are counted as lost, and the ledger balances', async (t) => {
  const scene = await harness();
  t.after(scene.stop);
  scene.exporter.answer = () => hold;
  await scene.append('a', 'b', 'c', 'd', 'e');
  const { read } = scene.journal;
  const [first, last] = [2, 3];
  scene.journal.read = async (from, limits) => {
    const result = await read.call(scene.journal, from, limits);
    const lost = result.entries.filter(({ position }) => position >= first && position <= last);
    return {
      ...result,
      entries: result.entries.filter((entry) => !lost.includes(entry)),
      lost: lost.length > 0 ? [[Math.max(from, first), last]] : [],
    };
  };
  scene.exporter.answer = () => delivered;
  await scene.clock.advance(15_000);
  assert.deepEqual(scene.counts(), { delivered: 3, lost: 2 });
});

it('what waits for its batch is counted also where damage is found meanwhile', async (t) => {
  const scene = await harness({ policy: { minRecords: 10, flushTimeoutMs: 5000 } });
  t.after(scene.stop);
  const { read } = scene.journal;
  scene.journal.read = async (from, limits) => {
    const { entries, ...rest } = await read.call(scene.journal, from, limits);
    const isLost = entries.some(({ position }) => position === 2);
    return { ...rest, entries: entries.filter(({ position }) => position !== 2), lost: isLost ? [[2, 2]] : [] };
  };
  const gate = latch<Outcome>();
  scene.exporter.answer = () => gate.promise;
  await scene.append('a', 'b', 'c');
  await scene.advance(5000);
  await scene.append('x');
  gate.open(delivered);
  await settle();
  assert.deepEqual(scene.counts(), { delivered: 2, lost: 1, pending: 1 });
  await scene.advance(5000);
  assert.deepEqual(scene.counts(), { delivered: 3, lost: 1 });
});

it('a journal that can not be read holds the delivery, and it goes on when it can', async (t) => {
  const scene = await harness();
  t.after(scene.stop);
  const { read } = scene.journal;
  scene.journal.read = async () => {
    throw new Error('EIO');
  };
  await scene.append('a');
  assert.deepEqual([scene.status.state, scene.status.reason], ['held', 'reading the journal failed: EIO']);
  await scene.advance(60_000);
  scene.journal.read = read;
  await scene.advance(15_000);
  assert.deepEqual(scene.counts(), { delivered: 1 });
  assert.equal(scene.status.state, 'running');
});

it('an exporter that never answers is told as a bug of ours, and its records are counted when they are repeated', async (t) => {
  const scene = await harness({ policy: { attemptLimitMs: 60_000 } });
  t.after(scene.stop);
  scene.exporter.answer = () => new Promise<Outcome>(() => {});
  await scene.append('a', 'b');
  await scene.advance(59_999);
  assert.equal(scene.status.state, 'running');
  await scene.advance(1);
  assert.match(scene.status.reason ?? '', /BUG: the exporter had not ended its attempt after 60 s/);
  scene.exporter.answer = () => delivered;
  await scene.advance(5000);
  assert.deepEqual(scene.counts(), { delivered: 2, ambiguous: 2 });
});

it('records of requests that failed are counted, each time', async (t) => {
  const scene = await harness();
  t.after(scene.stop);
  scene.exporter.answer = () => broken;
  await scene.append('a', 'b');
  await scene.advance(5000);
  assert.equal(scene.status.send_failed, 4);
});

/** The parts of a harness as functions that need no `this`. */
async function start(options: Parameters<typeof harness>[0] = {}) {
  const scene = await harness(options);
  const { exporter, append, clock, journal, stop } = scene;
  return { exporter, append, clock, journal, stop, status: () => scene.status, counts: () => scene.counts() };
}
