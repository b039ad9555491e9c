import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Deliveries } from '../../src/agent/deliveries.ts';
import { Orphans } from '../../src/agent/orphans.ts';
import { Room } from '../../src/agent/room.ts';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import type { Journal, NewEntry } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { temporaryDirectory } from '../support/agent-process.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

const entry = (n: number, size = 10): NewEntry => ({
  source: 'in',
  receivedAt: n,
  records: 1,
  metadata: {},
  body: Buffer.alloc(size, 65),
});

async function orphan(journal: Journal, name: string, cursor: number): Promise<void> {
  const open = await journal.openCursor(name, { start: 'beginning' });
  open.save({ ...open.state, cursor, sources: [{ source: 'in', since: 1 }], counts: { delivered: cursor - 1 } });
  await open.flush();
  await journal.closeCursor(name);
}

test('an entry that arrives while orphans are looked at is counted', async () => {
  const clock = new FakeClock();
  const real = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  let gate: (() => void) | undefined;
  let gated = false;
  const journal = new Proxy(real, {
    get(target, key) {
      if (key === 'tally')
        return async (range: { from: number; to: number }, sources: string[]) => {
          if (gated)
            await new Promise<void>((resolve) => {
              gate = resolve;
            });
          return target.tally(range, sources);
        };
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as Journal;
  await orphan(journal, 'logs gone', 1);
  await journal.append([entry(1), entry(2)]);
  const orphans = new Orphans({ journal, maxAgeMs: 0, clock, log: silentLog });
  await orphans.start();
  assert.equal(orphans.statuses()[0]?.pending, 2);
  gated = true;
  const looked = orphans.refresh();
  await settle();
  const arriving = entry(3);
  const [stored] = await journal.append([arriving]);
  orphans.arrived(stored?.position as number, arriving);
  gated = false;
  gate?.();
  await looked;
  const status = orphans.statuses()[0];
  orphans.stop();
  assert.equal(status?.pending, 3);
});

async function full(t: TestContext) {
  const clock = new FakeClock();
  const directory = await temporaryDirectory(t);
  const journal = await openFileJournal({
    directory,
    clock,
    random: Math.random,
    log: silentLog,
    dedup: { windowMs: 1000, maxIds: 10 },
    maxBytes: 512 * 1024,
  });
  t.after(() => journal.close());
  const live = await journal.openCursor('logs live', { start: 'beginning' });
  const append = async (limit = 10_000): Promise<boolean> => {
    for (let n = 0; n < limit; n++) {
      const ok = await journal.append([entry(n, 4000)]).then(
        () => true,
        () => false,
      );
      if (!ok) return false;
    }
    return true;
  };
  return { clock, journal, live, append };
}

test('a replay whose exporter is gone does not keep a full journal full for ever', async (t) => {
  const { clock, journal, live, append } = await full(t);
  // The replay of an exporter that left the configuration before it was done.
  await orphan(journal, 'replay abc123 logs gone', 1);
  const orphans = new Orphans({ journal, maxAgeMs: 7 * 86_400_000, clock, log: silentLog });
  await orphans.start();
  assert.equal(await append(), false);
  // The only delivery of the configuration has settled everything.
  live.save({ ...live.state, cursor: journal.status().next });
  await live.flush();
  const replays = { cancel: () => Promise.resolve(false) };
  const deliveries = { live: [], replays } as unknown as Deliveries;
  const room = new Room({ journal, deliveries, orphans, clock, log: silentLog });
  let stored = false;
  for (let tries = 0; tries < 20 && !stored; tries++) {
    await room.make();
    stored = await append(1);
  }
  orphans.stop();
  assert.ok(stored, 'still refused after 20 times of making room');
});

test('an orphan is not given up where that makes no room', async (t) => {
  const { clock, journal, append } = await full(t);
  // `logs live` has settled nothing, and refuses when it is full; the orphan lacks only what came last.
  await append(100);
  await orphan(journal, 'logs gone', 95);
  assert.equal(await append(), false);
  const orphans = new Orphans({ journal, maxAgeMs: 7 * 86_400_000, clock, log: silentLog });
  await orphans.start();
  const policy = { rules: { whenFull: 'refuse' } };
  const deliveries = {
    live: [{ name: 'logs live', policy }],
    replays: { cancel: () => Promise.resolve(false) },
  } as unknown as Deliveries;
  const room = new Room({ journal, deliveries, orphans, clock, log: silentLog });
  await room.make();
  const status = orphans.statuses()[0];
  const stored = await append(1);
  orphans.stop();
  assert.equal(stored, false, 'no room was made');
  assert.equal(status?.expired, 0, 'and yet its entries were given up');
});

test('a clock that is put right after the start does not give an orphan up', async () => {
  const clock = new FakeClock(0);
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  const open = await journal.openCursor('logs gone', { start: 'beginning' });
  open.save({ ...open.state, sources: [{ source: 'in', since: 1 }] });
  await journal.closeCursor('logs gone');
  await journal.append([entry(1), entry(2), entry(3)]);
  const orphans = new Orphans({ journal, maxAgeMs: 7 * 86_400_000, clock, log: silentLog });
  await orphans.start();
  assert.equal(orphans.statuses()[0]?.pending, 3);
  clock.jump(Date.UTC(2026, 0, 1));
  await clock.advance(3600_000);
  const status = orphans.statuses()[0];
  orphans.stop();
  assert.deepEqual({ pending: status?.pending, expired: status?.expired }, { pending: 3, expired: 0 });
});
