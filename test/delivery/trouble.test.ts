import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { delivered, forbidden, hold, reject, reset, retry } from './backend.ts';
import { harness, numbered, until } from './harness.ts';

describe('trouble that passes', () => {
  it('is waited out with growing intervals, one request at a time, and then everything goes', async (t) => {
    const scene = await harness({ policy: { maxRecords: 1 } });
    const { exporter, append, clock } = scene;
    t.after(scene.stop);
    exporter.answer = () => retry();
    await append('a');
    await append('b', 'c');
    assert.deepEqual(exporter.texts, ['a']);
    assert.equal(scene.status.state, 'retrying');
    for (const [wait, sent] of [
      [5000, 2],
      [7500, 3],
      [11_250, 4],
      [16_875, 5],
      [25_313, 6],
      [30_000, 7],
      [30_000, 8],
    ] as const) {
      await clock.advance(wait - 2);
      assert.equal(exporter.sent.length, sent - 1);
      await clock.advance(2);
      assert.equal(exporter.sent.length, sent);
    }
    exporter.answer = () => delivered;
    exporter.sent.length = 0;
    await clock.advance(30_000);
    assert.deepEqual(exporter.texts.sort(), ['a', 'b', 'c']);
    assert.equal(scene.status.state, 'running');
    assert.deepEqual(scene.counts(), { delivered: 3 });
  });

  it('of several requests in flight counts once for the next wait', async (t) => {
    const scene = await harness({ policy: { maxRecords: 1 } });
    const { exporter, clock } = scene;
    t.after(scene.stop);
    const gate = latch<Outcome>();
    exporter.answer = () => gate.promise;
    await scene.append(...numbered(10));
    assert.equal(exporter.inFlight, 10);
    exporter.answer = () => retry();
    gate.open(retry());
    await clock.advance(4999);
    assert.equal(exporter.sent.length, 10);
    await clock.advance(1);
    assert.equal(exporter.sent.length, 11);
    await clock.advance(7499);
    assert.equal(exporter.sent.length, 11);
    await clock.advance(1);
    assert.equal(exporter.sent.length, 12);
  });

  it('is spread at random, as the factor says', async (t) => {
    const draws = [0, 0.999];
    const scene = await harness({ retry: { randomizationFactor: 0.5 }, random: () => draws.shift() ?? 0.5 });
    t.after(scene.stop);
    scene.exporter.answer = () => retry();
    await scene.append('a');
    await scene.clock.advance(2500);
    assert.equal(scene.exporter.sent.length, 2);
    await scene.clock.advance(11_200);
    assert.equal(scene.exporter.sent.length, 2);
    await scene.clock.advance(50);
    assert.equal(scene.exporter.sent.length, 3);
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
    const scene = await harness({ policy: { maxRecords: 1 } });
    t.after(scene.stop);
    let failed = false;
    scene.exporter.answer = ([name]) => {
      if (name !== 'n3' || failed) return delivered;
      failed = true;
      return retry();
    };
    await scene.append(...numbered(20));
    assert.equal(scene.status.pending, 1);
    await scene.advance(5000);
    assert.deepEqual(scene.counts(), { delivered: 20 });
    assert.equal(scene.exporter.sent.length, 21);
  });

  it('counts records that an ambiguous outcome makes it repeat', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = () => retry({ ambiguous: true });
    await scene.append('a', 'b');
    scene.exporter.answer = () => delivered;
    await scene.advance(5000);
    assert.deepEqual(scene.counts(), { delivered: 2, ambiguous: 2 });
  });

  it('with retry switched off is a hold', async (t) => {
    const scene = await harness({ retry: { enabled: false } });
    t.after(scene.stop);
    scene.exporter.answer = () => retry();
    await scene.append('a');
    assert.equal(scene.status.state, 'held');
    await scene.clock.advance(14_999);
    assert.equal(scene.exporter.sent.length, 1);
    await scene.clock.advance(1);
    assert.equal(scene.exporter.sent.length, 2);
  });

  it('that says "again, at once" is not asked in a loop', async (t) => {
    const { exporter, append, clock, stop } = await harness();
    t.after(stop);
    exporter.answer = () => retry({ afterMs: 0 });
    await append('a');
    await clock.advance(1000);
    assert.ok(exporter.sent.length <= 11, `${exporter.sent.length} requests in a second`);
  });

  it('of hours shows the backend few records, and remembers little', async (t) => {
    const scene = await harness({ policy: { maxRecords: 50, maxInFlight: 4 } });
    const { exporter } = scene;
    t.after(scene.stop);
    exporter.answer = () => reset;
    await scene.append(...numbered(5000));
    await scene.advance(6 * 3600_000);
    const shown = new Set(exporter.texts).size;
    assert.ok(shown < 400, `${shown} of 5000 records may have been stored`);
    assert.ok(exporter.sent.length < 6 * 130, `${exporter.sent.length} requests in 6 h`);
    assert.ok((scene.life.cursor.state.inFlight?.length ?? 0) < 30);
    exporter.answer = () => delivered;
    await scene.advance(60_000);
    await until(() => scene.status.pending === 0);
    const { ambiguous = 0, ...rest } = scene.counts();
    assert.deepEqual(rest, { delivered: 5000 });
    assert.ok(ambiguous >= shown);
  });
});

describe('max_elapsed_time', () => {
  it('makes dead letters of what has failed for so long, as the Collector would drop it', async (t) => {
    const scene = await harness({ retry: { maxElapsedMs: 60_000 } });
    t.after(scene.stop);
    scene.exporter.answer = () => retry();
    await scene.append('a', 'b');
    await scene.advance(59_000);
    assert.deepEqual(scene.counts(), { dead_lettered: 2 });
    assert.equal(scene.letters[0]?.kind, 'gave_up');
    assert.equal(scene.letters[0]?.attempts, scene.exporter.times('a'));
    const { cause } = await scene.letterOf('a');
    assert.deepEqual(cause, { kind: 'gave_up', summary: 'no more retries left: 503 from backend', status: 503 });
  });

  it('counts from the first failure of each stretch, and not while the delivery is held', async (t) => {
    const scene = await harness({ retry: { maxElapsedMs: 60_000 } });
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append('a');
    await scene.advance(600_000);
    scene.exporter.answer = () => retry();
    await scene.advance(30_000);
    assert.deepEqual(scene.counts(), { pending: 1 });
    await scene.append('b');
    await scene.advance(25_000);
    assert.deepEqual(
      scene.letters.map(({ position }) => position),
      [1],
    );
    scene.exporter.answer = () => delivered;
    await scene.advance(60_000);
    assert.deepEqual(scene.counts(), { delivered: 1, dead_lettered: 1 });
  });
});

describe('a delivery that is held', () => {
  it('keeps everything, probes every 15 s, says why, and resumes by itself', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append('a');
    await scene.append('b');
    assert.equal(scene.status.state, 'held');
    assert.equal(scene.status.reason, '401 Unauthorized: check the key');
    await scene.advance(60_000);
    assert.equal(scene.exporter.sent.length, 5);
    assert.deepEqual(scene.counts(), { pending: 2 });
    assert.ok(scene.status.oldest_pending_seconds >= 60);
    scene.exporter.answer = () => delivered;
    await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 2 });
    assert.equal(scene.status.state, 'running');
  });

  it('for long buries nothing, whatever the reason', async (t) => {
    const quota: Outcome = { kind: 'hold', reason: { summary: 'quota used up', status: 429 } };
    const payment: Outcome = { kind: 'hold', reason: { summary: '402', status: 402 } };
    const certificate: Outcome = { kind: 'hold', reason: { summary: 'certificate', code: 'CERT_HAS_EXPIRED' } };
    for (const reason of [hold, quota, payment, certificate, forbidden]) {
      const scene = await harness({ retry: { maxElapsedMs: 60_000 } });
      t.after(scene.stop);
      await scene.append(...numbered(20, 'before'));
      scene.exporter.answer = () => reason;
      await scene.append(...numbered(40));
      await scene.advance(1800_000);
      assert.deepEqual(scene.counts(), { delivered: 20, pending: 40 });
      scene.exporter.answer = () => delivered;
      await scene.advance(60_000);
      assert.deepEqual(scene.counts(), { delivered: 60 }, reason.kind);
    }
  });

  it('because an exporter answers with something that is no outcome is told as a bug of ours', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    for (const answer of [undefined, { kind: 'lost' }, { kind: 'retry' }]) {
      scene.exporter.answer = () => answer as unknown as Outcome;
      await scene.append('a');
      await scene.advance(15_000);
      assert.match(scene.status.reason ?? '', /BUG.*no outcome/);
    }
  });

  it('because an exporter threw is told as a bug of ours', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    scene.exporter.answer = () => {
      throw new Error('oops');
    };
    await scene.append('a');
    assert.equal(scene.status.state, 'held');
    assert.match(scene.status.reason ?? '', /BUG.*oops/);
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
  for (const [what, trouble] of Object.entries({ retry: retry(), hold, forbidden, reject })) {
    it(`goes on trying for ever: ${what}`, async (t) => {
      const clock = new CreepingClock();
      const scene = await harness({
        ...{ clock, random: Math.random },
        retry: {
          initialIntervalMs: 200,
          randomizationFactor: 0.5,
          multiplier: 1,
          maxIntervalMs: 200,
          probeIntervalMs: 200,
        },
      });
      const { exporter, append, stop } = scene;
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
      assert.deepEqual(scene.counts(), { delivered: 1 });
    });
  }
});
