import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Offloading } from '../../../src/agent/offload/offloading.ts';
import type { ThreadOptions } from '../../../src/agent/offload/thread.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
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
  async stop() {
    this.isStopped = true;
  }
}

async function scene(t: TestContext) {
  const clock = new FakeClock();
  const config = await configured(PLAIN);
  const threads: FakeThread[] = [];
  const begin = (options: ThreadOptions) => {
    const thread = new FakeThread(options);
    threads.push(thread);
    return thread;
  };
  const offloading = new Offloading({ config, version: VERSION, clock, log: silentLog, begin });
  t.after(() => offloading.pause());
  const entries = entriesOf(Array.from({ length: 100 }, (_, index) => notification(`${index}`)));
  const offload = offloading.of('logs', 'proto');
  assert.ok(offload);
  /** Asks with many until a thread has begun, and says that it is ready. */
  const busy = (): FakeThread => {
    for (let ask = 0; ask < 2; ask++) assert.equal(offload(entries), undefined);
    const thread = threads.at(-1);
    assert.ok(thread && !thread.isStopped && !thread.isReady);
    assert.equal(offload(entries), undefined, 'it is not ready yet');
    thread.isReady = true;
    return thread;
  };
  return { clock, offloading, offload, entries, threads, busy };
}

describe('moving work to a thread', () => {
  it('begins when there is much of it, and ends when there was none for a minute', async (t) => {
    const { clock, offload, entries, threads, busy } = await scene(t);
    for (let second = 0; second < 10; second++) {
      assert.equal(offload(entries), undefined);
      await clock.advance(1000);
    }
    assert.deepEqual(threads, [], 'nothing was begun');
    const thread = busy();
    assert.equal((await offload(entries))?.length, 100);
    await clock.advance(30_000);
    for (let ask = 0; ask < 2; ask++) await offload(entries);
    await clock.advance(59_000);
    assert.ok(offload(entries.slice(0, 1)), 'it was busy a minute ago');
    assert.equal(thread.isStopped, false);
    await clock.advance(2000);
    assert.equal(thread.isStopped, true);
    assert.equal(offload(entries.slice(0, 1)), undefined);
    busy();
    assert.equal(threads.length, 2);
  });

  it('is not for exporters that need whole records, nor for pipelines that it can not do', async (t) => {
    const { offloading, entries, busy } = await scene(t);
    assert.equal(offloading.of('logs', undefined), undefined);
    busy();
    assert.equal(offloading.of('logs/other', 'proto')?.(entries), undefined);
  });

  it('has an entry made once for two deliveries of a pipeline that send the same encoding', async (t) => {
    const { offload, offloading, entries, busy } = await scene(t);
    const thread = busy();
    const [one, two] = await Promise.all([offload(entries), offloading.of('logs', 'proto')?.(entries)]);
    assert.equal(one?.[5], two?.[5]);
    assert.equal(thread.made, 100);
    await offloading.of('logs', 'json')?.(entries);
    assert.equal(thread.made, 200);
  });

  it('rests during a reload, and goes on with the other configuration', async (t) => {
    const { offload, offloading, entries, threads, busy } = await scene(t);
    const first = busy();
    await offloading.pause();
    assert.equal(first.isStopped, true);
    for (let ask = 0; ask < 5; ask++) assert.equal(offload(entries), undefined);
    assert.equal(threads.length, 1);
    const other = { processors: { filter: {} }, pipelines: { logs: { processors: ['filter'] } } };
    offloading.resume(await configured(other));
    const second = busy();
    assert.deepEqual(
      second.options.blueprint.processors.map(({ id }) => id),
      ['filter'],
    );
    assert.ok(await offload(entries));
  });

  it('is tried again a minute after the thread was lost', async (t) => {
    const { clock, offload, entries, threads, busy } = await scene(t);
    const thread = busy();
    thread.options.onLost(new Error('it ended'));
    for (let ask = 0; ask < 5; ask++) assert.equal(offload(entries), undefined);
    assert.equal(threads.length, 1);
    await clock.advance(60_000);
    busy();
    assert.ok(await offload(entries));
  });
});
