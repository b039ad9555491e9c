import assert from 'node:assert/strict';
import test from 'node:test';
import { Latencies } from '../../src/cli/latencies.ts';
import { type OpenLoop, openLoop } from '../../src/cli/open-loop.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

/** A loop of 10 a second for a second, whose requests end when they are told to. */
function loop(more: Partial<OpenLoop> = {}) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const begunAt: number[] = [];
  const took: number[] = [];
  const open: (() => void)[] = [];
  const ended = openLoop({
    ...{ rate: 10, durationMs: 1000, maxOpen: 100, clock, stopped: stop.signal },
    send: () => {
      begunAt.push(clock.monotonic());
      return new Promise<void>((resolve) => open.push(resolve));
    },
    sent: (ms) => took.push(ms),
    ...more,
  });
  const answer = async (count = open.length) => {
    for (const end of open.splice(0, count)) end();
    await settle();
  };
  return { clock, stop, begunAt, took, ended, answer };
}

test('each is sent when it is due, whether the others were answered or not', async () => {
  const { clock, begunAt, took, ended, answer } = loop();
  await clock.advance(5000);
  assert.deepEqual(begunAt, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  await answer();
  assert.deepEqual(await ended, { begun: 10, due: 10 });
  assert.deepEqual(took, [5000, 4900, 4800, 4700, 4600, 4500, 4400, 4300, 4200, 4100]);
});

test('what waits for room is late, and measured from when it was due', async () => {
  const { clock, begunAt, took, ended, answer } = loop({ maxOpen: 2 });
  await clock.advance(500);
  assert.deepEqual(begunAt, [0, 100]);
  await answer(1);
  assert.deepEqual(begunAt, [0, 100, 500]);
  await clock.advance(50);
  await answer();
  // Two were due at 300 and 400 and go at once.
  assert.deepEqual(begunAt, [0, 100, 500, 550, 550]);
  await answer();
  assert.deepEqual(took, [500, 450, 350, 250, 150]);
  for (let round = 0; round < 10; round += 1) {
    await clock.advance(100);
    await answer();
  }
  assert.deepEqual(await ended, { begun: 10, due: 10 });
});

test('none is begun after the time, and those that were due are counted', async () => {
  const { clock, begunAt, ended, answer } = loop({ maxOpen: 3 });
  await clock.advance(1500);
  await answer();
  assert.deepEqual(await ended, { begun: 3, due: 10 });
  assert.equal(begunAt.length, 3);
});

test('a stop ends it at once, and waits for what is open', async () => {
  const { clock, stop, took, ended, answer } = loop();
  await clock.advance(250);
  stop.abort();
  let over = false;
  void ended.then(() => {
    over = true;
  });
  await clock.advance(500);
  assert.equal(over, false);
  await answer();
  assert.deepEqual(await ended, { begun: 3, due: 3 });
  assert.equal(took.length, 3);
});

test('quantiles are at most one per cent too high', () => {
  const latencies = new Latencies();
  assert.equal(latencies.quantile(0.5), 0);
  for (let ms = 1000; ms >= 1; ms -= 1) latencies.add(ms);
  for (const share of [0.01, 0.5, 0.9, 0.99]) {
    const exact = share * 1000;
    const told = latencies.quantile(share);
    assert.ok(told >= exact * 0.9999 && told <= exact * 1.0101, `${share}: ${told}`);
  }
  assert.deepEqual([latencies.max, latencies.quantile(1)], [1000, 1000]);
  latencies.add(0);
  assert.ok(latencies.quantile(0) > 0);
});
