import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { factory } from '../../src/extensions/file_storage/index.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { sized } from '../journal/entries.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;

/** Opens the journal of this configuration. */
async function opened(t: TestContext, settings: object) {
  const directory = mkdtempSync(join(tmpdir(), 'file-storage-'));
  const clock = new FakeClock();
  const status = () => assert.fail('nobody asks for the status');
  const context = {
    id: 'file_storage',
    log: silentLog,
    clock,
    random: Math.random,
    version: '0',
    authenticators: noAuthenticators,
    status,
  };
  const extension = factory.create(factory.config.parse({ directory, ...settings }), context);
  const dedup = { windowMs: HOUR_MS, maxIds: 1_000 };
  const result = await extension.openJournal?.({ dedup, log: silentLog, clock, onLost: () => {} });
  assert.ok(result);
  t.after(async () => {
    await result.journal.close();
    rmSync(directory, { recursive: true });
  });
  return { ...result, directory, clock };
}

test('without any setting it keeps what the documentation says', async (t) => {
  const { journal, directory, dataDirectory, orphanMaxAgeMs } = await opened(t, {});
  assert.equal(dataDirectory, directory);
  assert.equal(orphanMaxAgeMs, 168 * HOUR_MS);
  const { maxBytes } = journal.status();
  assert.ok(maxBytes > 0 && maxBytes <= 10 * 1024 ** 3);
  assert.equal(journal.deadLetters.status().maxBytes, 1024 ** 3);
  assert.deepEqual(readdirSync(directory).sort(), ['dead-letters', 'deliveries', 'journal', 'owner', 'spare']);
});

test('passes its limits on', async (t) => {
  const { journal, clock } = await opened(t, {
    max_bytes: '10MiB',
    segment_bytes: '100KiB',
    retention: { max_age: '2h', max_bytes: '250KiB' },
    dead_letters: { max_age: '5h', max_bytes: '7MiB' },
  });
  assert.equal(journal.status().maxBytes, 10 * 1024 ** 2);
  assert.equal(journal.deadLetters.status().maxBytes, 7 * 1024 ** 2);
  const cursor = await journal.openCursor('only');
  for (let number = 1; number <= 8; number++) await journal.append([sized(number, 90_000)]);
  const { entries } = await journal.read(1, { maxEntries: 1, maxBytes: 1 });
  const cause = { kind: 'rejected', summary: 'refused' } as const;
  const letters = entries.map((entry) => ({
    delivery: 'only',
    position: 1,
    entry,
    cause,
    at: clock.now(),
    attempts: 1,
  }));
  await journal.deadLetters.put(letters);
  cursor.save({ cursor: 9, settled: [], counts: {} });
  await cursor.flush();
  const until = async (isDone: () => boolean) => {
    for (let round = 0; round < 3 && !isDone(); round++) {
      await clock.advance(5_000);
      // It is done when it waits for its next time.
      while (clock.pending === 0) await settle();
    }
    assert.ok(isDone());
  };
  // Two settled segments of 90 KB each stay within 250 KiB, the one that is written to does not count.
  await until(() => journal.status().first === 6);
  clock.jump(2 * HOUR_MS);
  await until(() => journal.status().first === 9);
  assert.equal(journal.deadLetters.list().length, 1);
  clock.jump(3 * HOUR_MS);
  await until(() => journal.deadLetters.list().length === 0);
});

test('0 is no limit for dead letters', async (t) => {
  const { journal } = await opened(t, { dead_letters: { max_bytes: 0, max_age: 0 } });
  assert.equal(journal.deadLetters.status().maxBytes, Number.MAX_SAFE_INTEGER);
});

test('trouble with the directory names the key', async (t) => {
  const { directory } = await opened(t, {});
  await assert.rejects(
    opened(t, { directory }),
    /^Error: extensions::file_storage::directory: .* is in use by process/,
  );
});

test('settings of the Collector are taken, and refused where it refuses them', () => {
  const said = (settings: object) =>
    factory.check?.(factory.config.parse(settings)).map(({ severity, path }) => `${severity} ${path.join('.')}`);
  assert.deepEqual(said({ recreate: true, timeout: '5s', create_directory: true, compaction: { on_start: true } }), []);
  assert.deepEqual(said({ fsync: false, max_size: 1_000_000 }), ['warning fsync', 'warning max_size']);
  assert.deepEqual(said({ compaction: { on_rebound: true, check_interval: '0s', max_transaction_size: -1 } }), [
    'error compaction.max_transaction_size',
    'error compaction.check_interval',
  ]);
  const permissions = (mode: string, create = true) => said({ create_directory: create, directory_permissions: mode });
  assert.deepEqual(permissions('0750'), []);
  for (const mode of ['0999', '', '1777', '-1']) assert.deepEqual(permissions(mode), ['error directory_permissions']);
  assert.deepEqual(permissions('0999', false), []);
});
