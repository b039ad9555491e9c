import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { appendFrom, delivered, harness, hold, quiet, reject, retry, text } from './harness.ts';

const numbered = (count: number, prefix = 'n') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('a delivery that runs', () => {
  it('sends what arrives, settles it and counts it', async (t) => {
    const { delivery, exporter, append, journal, stop } = await harness();
    t.after(stop);
    await append('a', 'b', 'c');
    assert.deepEqual(exporter.texts, ['a', 'b', 'c']);
    const { state, reason, accepted, delivered: done, pending } = delivery.status();
    assert.deepEqual(
      { state, reason, accepted, done, pending },
      { state: 'running', reason: null, accepted: 3, done: 3, pending: 0 },
    );
    assert.equal(journal.status().next, 4);
  });

  it('waits for more until a batch has its minimum, but not longer than the flush timeout', async (t) => {
    const { exporter, append, clock, stop } = await harness({ policy: { minRecords: 3, flushTimeoutMs: 200 } });
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
    const { exporter, append, stop } = await harness({ policy: { maxRecords: 2, maxBytes: 5 } });
    t.after(stop);
    await append('aa', 'bb', 'cc', 'longer-than-all', 'd', 'eeee', 'f');
    assert.deepEqual(exporter.sent, [['aa', 'bb'], ['cc'], ['longer-than-all'], ['d', 'eeee'], ['f']]);
  });

  it('has several requests in flight, up to its limit, and the cursor passes only what is settled', async (t) => {
    const { exporter, append, delivery, journal, stop, again } = await harness({
      policy: { maxRecords: 1, maxInFlight: 3 },
    });
    t.after(stop);
    const gates = new Map(numbered(5).map((name) => [name, latch<Outcome>()]));
    exporter.answer = ([name]) => (gates.get(name as string) as { promise: Promise<Outcome> }).promise;
    await append(...numbered(5));
    assert.equal(exporter.mostInFlight, 3);
    gates.get('n1')?.open(delivered);
    gates.get('n2')?.open(delivered);
    await settle();
    assert.equal(exporter.mostInFlight, 3);
    assert.equal(delivery.status().pending, 3);
    gates.get('n3')?.open(delivered);
    await settle();
    // n0 and n4 never end: what a restart finds is exactly them.
    for (const name of ['n0', 'n4']) gates.get(name)?.open(retry({ ambiguous: true }));
    await settle();
    exporter.answer = () => delivered;
    exporter.sent.length = 0;
    const after = await again();
    t.after(after.stop);
    await settle();
    assert.deepEqual(exporter.texts.sort(), ['n0', 'n4']);
    assert.equal(after.delivery.status().delivered, 5);
    assert.equal(journal.status().next, 6);
  });

  it('counts what the backend rejected in a partial success, and never sends it again', async (t) => {
    const { exporter, append, delivery, stop } = await harness();
    t.after(stop);
    exporter.answer = () => ({ kind: 'delivered', rejected: 1, message: 'one was bad' });
    await append('a', 'b', 'c');
    const { delivered: done, rejected_by_backend: rejected, pending, accepted } = delivery.status();
    assert.deepEqual({ done, rejected, pending, accepted }, { done: 2, rejected: 1, pending: 0, accepted: 3 });
    assert.equal(exporter.sent.length, 1);
  });
});

describe('trouble that passes', () => {
  it('is waited out with growing intervals, one request at a time, and then everything goes', async (t) => {
    const { exporter, append, delivery, clock, stop } = await harness({ policy: { maxRecords: 1 } });
    t.after(stop);
    exporter.answer = () => retry();
    await append('a');
    await append('b', 'c');
    assert.deepEqual(exporter.texts, ['a']);
    assert.equal(delivery.status().state, 'retrying');
    await clock.advance(4999);
    assert.equal(exporter.sent.length, 1);
    await clock.advance(1);
    assert.equal(exporter.sent.length, 2);
    await clock.advance(7499);
    assert.equal(exporter.sent.length, 2);
    await clock.advance(1);
    assert.equal(exporter.sent.length, 3);
    exporter.answer = () => delivered;
    await clock.advance(11_250);
    assert.deepEqual(exporter.texts, ['a', 'a', 'a', 'a', 'b', 'c']);
    assert.deepEqual({ ...delivery.status(), oldest_pending_seconds: 0 }.state, 'running');
    assert.equal(delivery.status().delivered, 3);
  });

  it('obeys Retry-After', async (t) => {
    const { exporter, append, clock, stop } = await harness();
    t.after(stop);
    exporter.answer = () => retry({ afterMs: 60_000 });
    await append('a');
    exporter.answer = () => delivered;
    await clock.advance(59_999);
    assert.equal(exporter.sent.length, 1);
    await clock.advance(1);
    assert.equal(exporter.sent.length, 2);
  });

  it('of one batch among many costs only that batch a wait', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 1 } });
    t.after(stop);
    let failed = false;
    exporter.answer = ([name]) => {
      if (name !== 'n3' || failed) return delivered;
      failed = true;
      return retry();
    };
    await append(...numbered(20));
    assert.equal(delivery.status().pending, 1);
    await clock.advance(5000);
    assert.equal(delivery.status().pending, 0);
    assert.equal(exporter.sent.length, 21);
  });

  it('counts records that an ambiguous outcome makes it repeat', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness();
    t.after(stop);
    exporter.answer = () => retry({ ambiguous: true });
    await append('a', 'b');
    exporter.answer = () => delivered;
    await clock.advance(5000);
    assert.equal(delivery.status().ambiguous, 2);
    assert.equal(delivery.status().delivered, 2);
  });

  it('with retry switched off is a hold', async (t) => {
    const { exporter, append, delivery, stop } = await harness({
      policy: {
        retry: {
          enabled: false,
          initialIntervalMs: 1,
          randomizationFactor: 0,
          multiplier: 1,
          maxIntervalMs: 1,
          probeIntervalMs: 15_000,
        },
      },
    });
    t.after(stop);
    exporter.answer = () => retry();
    await append('a');
    assert.equal(delivery.status().state, 'held');
  });
});

describe('a delivery that is held', () => {
  it('keeps everything, probes every 15 s, says why, and resumes by itself', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness();
    t.after(stop);
    exporter.answer = () => hold;
    await append('a');
    await append('b');
    assert.equal(delivery.status().state, 'held');
    assert.equal(delivery.status().reason, '401 Unauthorized: check the key');
    await clock.advance(60_000);
    assert.equal(exporter.sent.length, 5);
    assert.equal(delivery.status().pending, 2);
    assert.ok(delivery.status().oldest_pending_seconds >= 60);
    exporter.answer = () => delivered;
    await clock.advance(15_000);
    assert.deepEqual([delivery.status().state, delivery.status().pending], ['running', 0]);
  });

  it('because an exporter answers with something that is no outcome is told as a bug of ours', async (t) => {
    const { exporter, append, delivery, stop } = await harness();
    t.after(stop);
    exporter.answer = () => undefined as unknown as Outcome;
    await append('a');
    assert.match(delivery.status().reason ?? '', /BUG.*no outcome/);
  });

  it('because an exporter threw is told as a bug of ours', async (t) => {
    const { exporter, append, delivery, stop } = await harness();
    t.after(stop);
    exporter.answer = () => {
      throw new Error('oops');
    };
    await append('a');
    assert.equal(delivery.status().state, 'held');
    assert.match(delivery.status().reason ?? '', /BUG.*oops/);
  });
});

/** As the real one: time passes while code runs, and timers may fire a fraction of a millisecond early. */
class CreepingClock extends FakeClock {
  #creep = 0;
  override monotonic(): number {
    this.#creep += 0.02;
    return super.monotonic() + this.#creep;
  }
  override schedule(delayMs: number, task: () => void) {
    return super.schedule(delayMs - 0.05, task);
  }
}

describe('a delivery in trouble, with no new events', () => {
  for (const [what, trouble] of Object.entries({ retry: retry(), hold, reject })) {
    it(`goes on trying for ever: ${what}`, async (t) => {
      const clock = new CreepingClock();
      const times = {
        enabled: true,
        initialIntervalMs: 200,
        randomizationFactor: 0.5,
        multiplier: 1,
        maxIntervalMs: 200,
        probeIntervalMs: 200,
      };
      const { exporter, append, delivery, stop } = await harness({
        clock,
        random: Math.random,
        policy: { retry: times },
      });
      t.after(stop);
      exporter.answer = () => trouble;
      await append('a');
      for (let second = 0; second < 60; second++) {
        const before = exporter.sent.length;
        for (let step = 0; step < 10; step++) await clock.advance(100);
        assert.ok(exporter.sent.length > before, `no attempt in second ${second}`);
      }
      exporter.answer = () => delivered;
      await clock.advance(1000);
      assert.equal(delivery.status().pending, 0);
    });
  }
});

describe('a batch that the backend refuses', () => {
  it('is kept and shown, while others pass', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
    t.after(stop);
    exporter.answer = ([name]) => (name === 'poison' ? reject : delivered);
    await append('a', 'poison', 'b', 'c');
    assert.deepEqual(exporter.texts, ['a', 'poison', 'b', 'c']);
    const { state, pending, delivered: done } = delivery.status();
    assert.deepEqual({ state, pending, done }, { state: 'held', pending: 1, done: 3 });
    await append('d');
    assert.equal(delivery.status().delivered, 4);
    exporter.answer = () => delivered;
    await clock.advance(15_000);
    assert.equal(delivery.status().pending, 0);
    assert.equal(delivery.status().state, 'running');
  });

  it('twice in a row means that the backend is the problem', async (t) => {
    const { exporter, append, delivery, stop } = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
    t.after(stop);
    exporter.answer = () => reject;
    await append(...numbered(10));
    assert.equal(exporter.sent.length, 2);
    assert.equal(delivery.status().state, 'held');
    assert.equal(delivery.status().pending, 10);
  });
});

describe('a batch that holds a record which the backend refuses', () => {
  it('is halved until that record is alone: its companions arrive, in few requests', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({
      policy: { maxRecords: 1000, minRecords: 1000 },
    });
    t.after(stop);
    exporter.answer = (texts) => (texts.includes('n617') ? reject : delivered);
    await append(...numbered(1000));
    await quiet(exporter);
    const { delivered: done, pending, state, reason } = delivery.status();
    assert.deepEqual({ done, pending, state }, { done: 999, pending: 1, state: 'held' });
    assert.match(reason ?? '', /400/);
    const extra = exporter.sent.length - 1;
    assert.ok(extra <= 2 * Math.log2(1000) + 2, `${extra} requests more than one`);
    assert.equal(exporter.mostInFlight, 1);
    await append('next');
    await clock.advance(1000);
    await quiet(exporter);
    assert.equal(delivery.status().delivered, 1000, 'others go on');
    exporter.answer = () => delivered;
    await clock.advance(15_000);
    assert.deepEqual([delivery.status().pending, delivery.status().state], [0, 'running']);
    const times = new Map<string, number>();
    for (const texts of exporter.sent)
      if (texts.length === 1) times.set(texts[0] as string, (times.get(texts[0] as string) ?? 0) + 1);
    assert.equal(
      [...times.values()].filter((count) => count > 1).length <= 1,
      true,
      'only the poison is sent alone again',
    );
  });

  it('and is too large for it, is sent in pieces that are not', async (t) => {
    const { exporter, append, delivery, stop } = await harness({ policy: { maxRecords: 100 } });
    t.after(stop);
    exporter.answer = (texts) =>
      texts.length > 10 ? { kind: 'split', reason: { summary: '413 Payload Too Large' } } : delivered;
    await append(...numbered(100));
    await quiet(exporter);
    assert.deepEqual([delivery.status().delivered, delivery.status().state], [100, 'running']);
  });

  it('is not halved to pieces where the backend refuses everything', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 100, maxInFlight: 4 } });
    t.after(stop);
    exporter.answer = () => reject;
    await append(...numbered(1000));
    await quiet(exporter);
    assert.ok(exporter.sent.length <= 4 + 2 * 7 + 2, `${exporter.sent.length} requests`);
    assert.equal(delivery.status().state, 'held');
    await clock.advance(60 * 60_000);
    assert.ok(exporter.sent.length <= 20 + 241, `${exporter.sent.length} requests in an hour`);
    exporter.answer = () => delivered;
    await clock.advance(15_000);
    await quiet(exporter);
    await clock.advance(15_000);
    await quiet(exporter);
    assert.deepEqual(
      [delivery.status().delivered, delivery.status().pending, delivery.status().state],
      [1000, 0, 'running'],
    );
  });
});

describe('a backend that refuses', () => {
  it('two lone batches in a row, and takes the others, gets the others', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
    t.after(stop);
    exporter.answer = ([name]) => (name?.startsWith('poison') ? reject : delivered);
    await append('poison-1', 'poison-2', ...numbered(20));
    assert.equal(delivery.status().delivered, 0);
    await clock.advance(60_000);
    const { delivered: done, pending, state } = delivery.status();
    assert.deepEqual({ done, pending, state }, { done: 20, pending: 2, state: 'held' });
  });

  it('everything is not shown all of it: its probes are few, and nothing is lost', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 1, maxInFlight: 4 } });
    t.after(stop);
    exporter.answer = () => reject;
    await append(...numbered(300));
    await clock.advance(10 * 60_000);
    assert.ok(exporter.sent.length <= 4 + 41, `${exporter.sent.length} requests in ten minutes`);
    exporter.answer = () => delivered;
    await clock.advance(60_000);
    assert.deepEqual([delivery.status().pending, delivery.status().state], [0, 'running']);
  });

  it('more scattered batches than can be put aside is told so, and recovers', async (t) => {
    const { exporter, append, clock, delivery, stop } = await harness({ policy: { maxRecords: 1, maxInFlight: 1 } });
    t.after(stop);
    exporter.answer = ([name]) => (name === 'poison' ? reject : delivered);
    await append(...Array.from({ length: 520 }, () => ['poison', 'good']).flat());
    assert.match(delivery.status().reason ?? '', /batches are put aside; nothing new is begun/);
    exporter.answer = () => delivered;
    await clock.advance(120_000);
    assert.deepEqual([delivery.status().pending, delivery.status().state], [0, 'running']);
  });
});

describe('processors', () => {
  const dropping =
    (drop: (record: LogRecord) => boolean) => (next: import('../../src/otel.ts').LogRecordProcessor) => ({
      ...next,
      onEmit: (record: import('../../src/otel.ts').ReadWriteLogRecord) => {
        if (!drop(record as LogRecord)) next.onEmit(record);
      },
    });

  it('that withhold a record filter it: counted and settled, even where nothing is left to send', async (t) => {
    const { exporter, append, delivery, stop } = await harness({
      processors: dropping((record) => text(record) !== 'keep'),
    });
    t.after(stop);
    await append('x', 'keep', 'y');
    await append('z');
    assert.deepEqual(exporter.sent, [['keep']]);
    const { filtered, delivered: done, pending } = delivery.status();
    assert.deepEqual({ filtered, done, pending }, { filtered: 3, done: 1, pending: 0 });
  });

  it('that throw keep back their record alone', async (t) => {
    const throwing = dropping((record) => {
      if (text(record) === 'bad') throw new Error('cannot');
      return false;
    });
    const { exporter, append, delivery, stop } = await harness({ processors: throwing });
    t.after(stop);
    await append('a', 'bad', 'b');
    assert.deepEqual(exporter.texts, ['a', 'b']);
    const { state, pending, reason } = delivery.status();
    assert.deepEqual({ state, pending }, { state: 'held', pending: 1 });
    assert.match(reason ?? '', /position 2.*cannot/);
  });
});

describe('entries that a processor throws at', () => {
  it('at the head, several, keep nobody back and are no trouble of the backend', async (t) => {
    let broken = true;
    const processors = (next: import('../../src/otel.ts').LogRecordProcessor) => ({
      ...next,
      onEmit: (record: import('../../src/otel.ts').ReadWriteLogRecord) => {
        if (broken && text(record as LogRecord).startsWith('bad')) throw new Error('cannot');
        next.onEmit(record);
      },
    });
    const { exporter, append, clock, delivery, stop } = await harness({ processors });
    t.after(stop);
    await append('bad-1', 'bad-2', 'bad-3', 'a', 'b', 'bad-4', 'c');
    await clock.advance(60_000);
    assert.deepEqual(exporter.texts, ['a', 'b', 'c']);
    assert.deepEqual([delivery.status().pending, delivery.status().state], [4, 'held']);
    broken = false;
    await clock.advance(15_000);
    assert.deepEqual([delivery.status().pending, delivery.status().state], [0, 'running']);
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
  const { accepted, delivered: done, lost, pending } = scene.delivery.status();
  assert.deepEqual({ accepted, done, lost, pending }, { accepted: 5, done: 3, lost: 2, pending: 0 });
});

it('a backend that says "again, at once" is not asked in a loop', async (t) => {
  const { exporter, append, clock, stop } = await harness();
  t.after(stop);
  exporter.answer = () => retry({ afterMs: 0 });
  await append('a');
  await clock.advance(1000);
  assert.ok(exporter.sent.length <= 11, `${exporter.sent.length} requests in a second`);
});

describe('stopping', () => {
  it('sends what is there before it ends', async () => {
    const { exporter, append, delivery } = await harness({ policy: { minRecords: 100 } });
    await append('a', 'b');
    assert.deepEqual(exporter.sent, []);
    await delivery.shutdown(new AbortController().signal);
    assert.deepEqual(exporter.sent, [['a', 'b']]);
    assert.equal(delivery.status().pending, 0);
  });

  it('cuts at the deadline what is in flight, and the next start sends it again', async (t) => {
    const { exporter, append, delivery, again } = await harness();
    exporter.answer = (_texts, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => resolve(retry({ ambiguous: true })), { once: true }),
      );
    await append('a', 'b');
    const deadline = new AbortController();
    const stopped = delivery.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    exporter.answer = () => delivered;
    const after = await again();
    t.after(after.stop);
    assert.equal(after.delivery.status().delivered, 2);
  });

  it('at the deadline does not wait for an exporter that ignores it', async () => {
    const { exporter, append, delivery } = await harness();
    exporter.answer = () => new Promise<Outcome>(() => {});
    await append('a');
    const deadline = new AbortController();
    const stopped = delivery.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    assert.equal(delivery.status().pending, 1);
  });

  it('does not try again what is held or retrying', async () => {
    const { exporter, append, delivery } = await harness();
    exporter.answer = () => hold;
    await append('a');
    await delivery.shutdown(new AbortController().signal);
    assert.equal(exporter.sent.length, 1);
    assert.equal(delivery.status().pending, 1);
  });
});

describe('a receiver that leaves or joins the pipeline', () => {
  it('leaves no backlog behind, and brings none along', async (t) => {
    const first = await harness({ sources: ['in'] });
    first.exporter.answer = () => hold;
    await first.append('old');
    await appendFrom(first.journal, 'other', 'not ours');
    first.exporter.sent.length = 0;
    first.exporter.answer = () => delivered;
    const second = await first.again({ sources: ['other'] });
    t.after(second.stop);
    await appendFrom(first.journal, 'other', 'ours now');
    await settle();
    assert.deepEqual(first.exporter.texts, ['old', 'ours now']);
  });
});

it('nothing vanishes and nothing is doubled without an ambiguous outcome, whatever the backend answers', async () => {
  const outcome = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Outcome>(delivered) },
    { weight: 2, arbitrary: fc.boolean().map((ambiguous) => retry({ ambiguous })) },
    fc.constant<Outcome>(retry({ afterMs: 1000 })),
    fc.constant<Outcome>(hold),
    fc.constant<Outcome>(reject),
    fc.constant<Outcome>({ kind: 'split', reason: { summary: '413' } }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.infiniteStream(outcome),
      fc.array(fc.nat(12), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (outcomes, groups, maxInFlight, restart) => {
        let scene = await harness({ policy: { maxRecords: 3, maxInFlight } });
        const taken = new Map<string, number>();
        const allowed = new Map<string, number>();
        const bump = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
        scene.exporter.answer = (texts) => {
          const answer = outcomes.next().value as Outcome;
          // A backend may have stored what it answered ambiguously: here it always has.
          const ambiguous = answer.kind === 'retry' && answer.ambiguous;
          for (const name of texts) {
            if (answer.kind === 'delivered' || ambiguous) bump(taken, name);
            if (ambiguous) bump(allowed, name);
          }
          return answer;
        };
        let count = 0;
        let appended = 0;
        for (const size of groups) {
          await scene.append(...numbered(size, `g${count++}-`));
          appended += size;
          await scene.clock.advance(3000);
          assert.equal(scene.delivery.status().accepted, appended);
        }
        if (restart) scene = await scene.again();
        scene.exporter.answer = (texts) => {
          for (const name of texts) bump(taken, name);
          return delivered;
        };
        await scene.clock.advance(120_000);
        const total = groups.reduce((sum, size) => sum + size, 0);
        assert.equal(scene.delivery.status().pending, 0);
        assert.equal(scene.delivery.status().delivered, total);
        assert.equal(taken.size, total);
        for (const [name, times] of taken)
          assert.ok(times <= 1 + (allowed.get(name) ?? 0), `${name} was taken ${times} times`);
        await scene.stop();
      },
    ),
    { numRuns: 60 },
  );
});
