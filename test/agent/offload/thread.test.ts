import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import { type Blueprint, blueprintOf } from '../../../src/agent/offload/blueprint.ts';
import { OffloadThread } from '../../../src/agent/offload/thread.ts';
import { encodeLogsRequest } from '../../../src/record/otlp/protobuf.ts';
import type { Log } from '../../../src/telemetry/log.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/raw-client.ts';
import { configured, entriesOf, madeHere, notification, REFERENCES, VERSION } from './configured.ts';

const PROCESSORS = {
  transform: {
    error_mode: 'propagate',
    log_statements: [
      'set(resource.attributes["team"], "support")',
      'set(log.attributes["kind"], log.body["intercom"]["data"]["item"]["type"])',
      'set(log.attributes["bad"], Int(log.body["intercom"]["bad"]["x"])) where log.body["intercom"]["id"] == "bad"',
    ],
  },
  'transform/broken': {
    error_mode: 'propagate',
    log_statements: [
      'set(log.attributes["a"], ParseJSON(log.body["intercom"]["id"])) where log.body["intercom"]["id"] == "broken"',
    ],
  },
  'transform/lenient': {
    error_mode: 'ignore',
    log_statements: [
      'set(log.attributes["a"], ParseJSON(log.body["intercom"]["id"])) where log.body["intercom"]["id"] == "broken"',
    ],
  },
  filter: { logs: { log_record: ['log.body["intercom"]["id"] == "odd"'] } },
  redaction: {
    allow_all_keys: true,
    blocked_values: ['[0-9]{4}'],
    hmac_key: REFERENCES.key,
    hash_function: 'hmac-sha256',
  },
  intercom_privacy: { level: 'no_contact_data', replace_with: 'hash', hmac_key: REFERENCES.key },
};

async function threadOf(t: TestContext, blueprint: Blueprint, log: Log = silentLog) {
  const clock = new FakeClock();
  const lost: Error[] = [];
  const thread = new OffloadThread({ blueprint, clock, log, onLost: (error) => lost.push(error) });
  t.after(() => thread.stop());
  await until(() => thread.isReady || lost.length > 0);
  return { thread, clock, lost };
}

const config = await configured({
  processors: PROCESSORS,
  pipelines: {
    logs: { processors: ['filter', 'transform', 'redaction', 'intercom_privacy'] },
    'logs/broken': { processors: ['transform/broken'] },
    'logs/lenient': { processors: ['transform/lenient'] },
  },
});
const blueprint = blueprintOf(config, VERSION);

describe('the thread for processing', () => {
  it('makes of entries what deliveries make of them, secrets of processors included', async (t) => {
    const lines: unknown[] = [];
    const note = (message: string, fields?: object) => lines.push([message, fields]);
    const log: Log = { debug: note, info: note, warn: note, error: note, with: () => log };
    const { thread, lost } = await threadOf(t, blueprint, log);
    const entries = entriesOf([
      notification('one', { user: { email: 'ann@example.com', name: 'Ann' }, number: 'call 5551 now' }),
      notification('odd'),
      notification('two'),
    ]);
    const made = await thread.make('logs', 'proto', entries);
    assert.deepEqual(
      made.map((records) => records?.length),
      [1, 0, 1],
    );
    const here = madeHere(config, 'logs', entries);
    const bytes = encodeLogsRequest(made.flatMap((records) => records ?? []));
    assert.equal(bytes.toString('latin1'), encodeLogsRequest(here).toString('latin1'));

    const failing = await thread.make('logs/broken', 'json', entriesOf([notification('one'), notification('broken')]));
    assert.deepEqual(
      failing.map((records) => records?.length),
      [1, undefined],
      'who asked shall see how it fails',
    );
    assert.deepEqual(lines.splice(0), [['Processing has a thread of its own.', undefined]]);
    assert.equal((await thread.make('logs/lenient', 'proto', entriesOf([notification('broken')])))[0]?.length, 1);
    assert.match(JSON.stringify(lines), /"processor":"transform\/lenient"/);
    assert.deepEqual(lost, []);
  });

  const large = entriesOf(Array.from({ length: 3000 }, (_, index) => notification(`${index}`)));

  it('gives work back undone when it takes too long', async (t) => {
    const { thread, clock, lost } = await threadOf(t, blueprint);
    const undone = thread.make('logs', 'proto', large);
    await clock.advance(20_000);
    assert.deepEqual(await undone, []);
    assert.match(String(lost), /20 s/);
    assert.equal(thread.isReady, false);
    assert.deepEqual(await thread.make('logs', 'proto', large), []);
  });

  it('has that time for each group, however many wait', async (t) => {
    const { thread, clock, lost } = await threadOf(t, blueprint);
    const first = thread.make('logs', 'proto', large.slice(0, 1));
    const second = thread.make('logs', 'proto', large);
    await clock.advance(15_000);
    await first;
    await clock.advance(15_000);
    assert.equal((await second).length, large.length);
    assert.deepEqual(lost, []);
    assert.equal(clock.pending, 0);
  });

  it('gives work back undone when it is stopped', async (t) => {
    const { thread, lost } = await threadOf(t, blueprint);
    const undone = thread.make('logs', 'proto', large);
    await thread.stop();
    assert.deepEqual(await undone, []);
    assert.deepEqual(lost, []);
  });

  it('stopped while it loads, ends when it has, and leaves no file open', {
    skip: process.platform === 'linux' ? false : 'skipped: descriptors are read from /proc',
  }, async () => {
    const stoppedAfter = async (ms: number) => {
      const onLost = (error: Error) => assert.fail(error);
      const thread = new OffloadThread({ blueprint, clock: new FakeClock(), log: silentLog, onLost });
      await new Promise((resolve) => setTimeout(resolve, ms));
      await thread.stop();
    };
    await stoppedAfter(0);
    const open = async () => (await readdir('/proc/self/fd')).length;
    const before = await open();
    // Of these moments some fall into the reading of modules, on any machine.
    await Promise.all([50, 80, 120, 180, 270, 400, 600].map(stoppedAfter));
    assert.equal(await open(), before);
  });

  it('that does not end when it is stopped is terminated', async (t) => {
    const { thread, clock } = await threadOf(t, blueprint);
    const undone = thread.make('logs', 'proto', large);
    const stopped = thread.stop();
    await clock.advance(5000);
    await stopped;
    assert.deepEqual(await undone, []);
  });

  it('that can not begin says why', async (t) => {
    const { lost } = await threadOf(t, { ...blueprint, processors: [{ id: 'x', type: 'no_such', config: null }] });
    assert.match(String(lost), /no_such/);
  });
});
