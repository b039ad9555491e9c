import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Offloading } from '../../../src/agent/offload/offloading.ts';
import type { ThreadOptions } from '../../../src/agent/offload/thread.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { type Blocks, configured, entriesOf, notification, VERSION } from './configured.ts';

const PLAIN: Blocks = {
  processors: {},
  pipelines: { logs: { processors: [], exporters: ['otlp_http/a', 'otlp_http/b'] } },
};

/** Does nothing but give each entry a record of its own, or what it is told to. */
class FakeThread {
  isReady = false;
  isStopped = false;
  readonly options: ThreadOptions;
  made = 0;

  constructor(options: ThreadOptions) {
    this.options = options;
  }
  async make(_pipeline: string, _encoding: string, entries: readonly Entry[]) {
    this.made += entries.length;
    return entries.map(() => []);
  }
  /** Called when it shall be gone. */
  gone: () => void = () => {};
  endsAtOnce = true;

  async stop() {
    this.isStopped = true;
    if (this.endsAtOnce) return;
    await new Promise<void>((resolve) => {
      this.gone = resolve;
    });
  }
}

async function scene(t: TestContext) {
  const clock = new FakeClock();
  const config = await configured(PLAIN);
  const threads: FakeThread[] = [];
  const load = { share: 0.6, refuses: undefined as Error | undefined, told: [] as string[] };
  const begin = (options: ThreadOptions) => {
    if (load.refuses) throw load.refuses;
    const thread = new FakeThread(options);
    threads.push(thread);
    return thread;
  };
  const log = { ...silentLog, warn: (...line: unknown[]) => load.told.push(JSON.stringify(line)) };
  const utilization = () => load.share;
  const offloading = new Offloading({ config, version: VERSION, clock, log, begin, utilization });
  t.after(() => offloading.stop());
  const entries = entriesOf(Array.from({ length: 100 }, (_, index) => notification(`${index}`)));
  const offload = offloading.of('logs', 'proto');
  assert.ok(offload);
  /** A delivery asks while entries arrive. */
  const ask = (some = entries) => {
    offloading.arrived();
    return offload(some);
  };
  /** A second in which so many arrive, with a delivery asking before its end. */
  const second = async (arrivals: number) => {
    for (let number = 1; number < arrivals; number++) offloading.arrived();
    const made = ask();
    await clock.advance(1000);
    return made;
  };
  /** Three busy seconds: a thread has begun then. Says that it is ready. */
  const busy = async (): Promise<FakeThread> => {
    for (let count = 0; count < 3; count++) assert.equal(await second(200), undefined);
    assert.equal(ask(), undefined, 'it is not ready yet');
    const thread = threads.at(-1);
    assert.ok(thread && !thread.isStopped && !thread.isReady);
    thread.isReady = true;
    return thread;
  };
  /** One that is lost, and not gone yet. */
  const losing = async (): Promise<FakeThread> => {
    const thread = await busy();
    thread.endsAtOnce = false;
    thread.options.onLost(new Error('it ended'));
    return thread;
  };
  return { clock, offloading, offload, ask, load, entries, threads, second, busy, losing };
}

describe('moving work to a thread', () => {
  it('begins when the doors were busy for some seconds, and ends when they were not for a minute', async (t) => {
    const { clock, ask, entries, threads, second, busy } = await scene(t);
    for (const arrivals of [199, 199, 199, 199, 900, 900, 10, 900, 900])
      assert.equal(await second(arrivals), undefined);
    await clock.advance(5000);
    for (const arrivals of [900, 900]) assert.equal(await second(arrivals), undefined);
    assert.deepEqual(threads, [], 'never three on end');
    await clock.advance(5000);
    const thread = await busy();
    assert.equal((await ask())?.length, 100);
    await clock.advance(30_000);
    await second(200);
    await clock.advance(58_000);
    assert.ok(ask(entries.slice(0, 1)), 'they were busy a minute ago');
    assert.equal(thread.isStopped, false);
    await clock.advance(2000);
    assert.equal(thread.isStopped, true);
    assert.equal(ask(entries.slice(0, 1)), undefined);
    await busy();
    assert.equal(threads.length, 2);
  });

  it('is not worth it while the main thread has time', async (t) => {
    const { load, threads, second, busy } = await scene(t);
    load.share = 0.59;
    for (let count = 0; count < 5; count++) await second(900);
    assert.deepEqual(threads, []);
    load.share = 0.6;
    await busy();
  });

  it('is nothing for a backlog alone, also where there is a thread', async (t) => {
    const { clock, offload, entries, threads, busy } = await scene(t);
    for (let round = 0; round < 50; round++) {
      assert.equal(offload(entries), undefined);
      await clock.advance(100);
    }
    assert.deepEqual(threads, []);
    const thread = await busy();
    await clock.advance(100);
    assert.equal(offload(entries), undefined);
    assert.equal(thread.made, 0);
  });

  it('is not for exporters that need whole records, nor for pipelines that it can not do', async (t) => {
    const { offloading, entries, busy } = await scene(t);
    assert.equal(offloading.of('logs', undefined), undefined);
    await busy();
    assert.equal(offloading.of('logs/other', 'proto')?.(entries), undefined);
  });

  it('has an entry made once for two deliveries of a pipeline that send the same encoding', async (t) => {
    const { ask, offloading, entries, busy } = await scene(t);
    const thread = await busy();
    const [one, two] = await Promise.all([ask(), offloading.of('logs', 'proto')?.(entries)]);
    assert.equal(one?.[5], two?.[5]);
    assert.equal(thread.made, 100);
    await offloading.of('logs', 'json')?.(entries);
    assert.equal(thread.made, 200);
  });

  it('rests during a reload, and goes on with the other configuration', async (t) => {
    const { clock, ask, offloading, threads, second, busy } = await scene(t);
    const first = await busy();
    offloading.pause();
    assert.equal(first.isStopped, true);
    for (let count = 0; count < 5; count++) assert.equal(await second(200), undefined);
    assert.equal(threads.length, 1);
    await clock.advance(2000);
    const other = { processors: { filter: {} }, pipelines: { logs: { processors: ['filter'] } } };
    offloading.resume(await configured(other));
    const next = await busy();
    assert.deepEqual(
      next.options.blueprint.processors.map(({ id }) => id),
      ['filter'],
    );
    assert.ok(await ask());
  });

  it('waits with another thread until the one before is gone', async (t) => {
    const { offloading, threads, second, busy } = await scene(t);
    const first = await busy();
    first.endsAtOnce = false;
    offloading.pause();
    offloading.resume(await configured(PLAIN));
    for (let count = 0; count < 5; count++) assert.equal(await second(200), undefined);
    assert.equal(threads.length, 1);
    first.gone();
    await second(200);
    await second(200);
    assert.equal(threads.length, 2);
  });

  it('is tried again a minute after the thread was lost', async (t) => {
    const { clock, ask, threads, second, busy } = await scene(t);
    const thread = await busy();
    thread.options.onLost(new Error('it ended'));
    for (let count = 0; count < 5; count++) assert.equal(await second(200), undefined);
    assert.equal(threads.length, 1);
    await clock.advance(60_000);
    await busy();
    assert.ok(await ask());
  });

  it('does without where no thread can begin: the system has no more of them, or forbids them', async (t) => {
    const { clock, ask, load, threads, second, busy } = await scene(t);
    load.refuses = new Error('ERR_WORKER_INIT_FAILED');
    for (let count = 0; count < 3; count++) await second(200);
    assert.equal(ask(), undefined);
    assert.match(load.told.join(), /could not begin.*ERR_WORKER_INIT_FAILED/);
    load.refuses = undefined;
    for (let count = 0; count < 5; count++) assert.equal(await second(200), undefined);
    assert.equal(threads.length, 0);
    await clock.advance(60_000);
    await busy();
    assert.ok(await ask());
  });

  it('is over when it is stopped, also after a thread was lost', async (t) => {
    const { clock, offloading, second, busy, losing } = await scene(t);
    const lost = await losing();
    await clock.advance(45_000);
    for (let count = 0; count < 20; count++) await second(200);
    lost.gone();
    await busy();
    await offloading.stop();
    assert.equal(clock.pending, 0);
  });

  it('is over no sooner than a thread that was lost is gone', async (t) => {
    const { offloading, losing } = await scene(t);
    const lost = await losing();
    let isOver = false;
    const stopped = offloading.stop().then(() => {
      isOver = true;
    });
    await settle();
    assert.equal(isOver, false);
    lost.gone();
    await stopped;
  });
});
