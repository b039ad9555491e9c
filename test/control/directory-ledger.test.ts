import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { replayMemo, replayName } from '../../src/control/replay-request.ts';
import type { Range } from '../../src/journal/journal.ts';
import type { DeliveryStatus } from '../../src/telemetry/status.ts';
import { born, entries, entry, inMemory, letterAt, NAME, onDisk } from './directory-harness.ts';

function settledOf(status: DeliveryStatus): number {
  const { delivered, rejected_by_backend, filtered, dead_lettered, lost, expired } = status;
  return delivered + rejected_by_backend + filtered + dead_lettered + lost + expired;
}

describe('the ledger of a directory without an agent', () => {
  test('counts what is settled from the state and what is pending from the entries', async (t) => {
    const { withJournal, operations, clock } = onDisk(t);
    await withJournal(async (journal) => {
      await born(journal, NAME, {
        cursor: 4,
        settled: [[6, 7]],
        counts: { delivered: 3, filtered: 1, ambiguous: 2, rejected_by_backend: 1 },
        memo: { last_rejection: 'too many fields' },
      });
      await born(journal, 'logs other');
      await journal.append([...entries(9), entry(10, { source: 'other' }), entry(11, { records: 5 })]);
    });
    clock.jump(100_000 - (clock.now() - Date.UTC(2026, 0, 1)));
    const { deliveries, ...rest } = await operations({ maxBytes: 5000 }).ledger();
    // 4, 5, 8, 9 and the five of 11; 10 is another receiver's.
    assert.deepEqual(deliveries[0], {
      pipeline: 'logs',
      exporter: 'coralogix',
      state: 'stopped',
      reason: 'no agent runs',
      accepted: 14,
      delivered: 3,
      rejected_by_backend: 1,
      filtered: 1,
      dead_lettered: 0,
      lost: 0,
      expired: 0,
      pending: 9,
      ambiguous: 2,
      oldest_pending_seconds: 96,
      last_rejection: 'too many fields',
      in_flight: 0,
      send_failed: 0,
    });
    assert.deepEqual(
      [deliveries[1]?.accepted, deliveries[1]?.pending, deliveries[1]?.oldest_pending_seconds],
      [14, 14, 99],
    );
    assert.deepEqual(
      [rest.accepted, rest.duplicates, rest.refused, rest.replays, rest.degraded],
      [null, null, null, [], []],
    );
    assert.deepEqual(
      [rest.journal.max_bytes, rest.journal.hours_left, rest.journal.slowest],
      [5000, null, 'logs other'],
    );
    assert.ok(rest.journal.bytes > 0);
  });

  test('the arithmetic holds whatever became of the entries', async () => {
    const fate = fc.constantFrom('pending', 'delivered', 'filtered', 'dead', 'discarded', 'retrying', 'redeemed');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fate, fc.integer({ min: 1, max: 4 })), { maxLength: 12 }), async (fates) => {
        const { journal, operations } = await inMemory();
        // Keeps the entries, which a journal in memory forgets once everybody has settled them.
        await born(journal, 'logs keeper');
        await born(journal);
        await journal.append(fates.map(([, records], index) => entry(index + 1, { records })));
        const records = (...which: string[]) =>
          fates.reduce((sum, [name, count]) => sum + (which.includes(name) ? count : 0), 0);
        const positions = (...which: string[]) =>
          fates.flatMap(([name], index) => (which.includes(name) ? [index + 1] : []));
        const letters = positions('dead', 'retrying', 'redeemed');
        for (const position of letters) await journal.deadLetters.put([await letterAt(journal, position)]);
        const again = positions('retrying', 'redeemed').map((position) => ({ delivery: NAME, position }));
        await journal.deadLetters.retry(again);
        const cursor = await journal.openCursor(NAME);
        const settled = fates.flatMap(([name], index): Range[] => (name === 'pending' ? [] : [[index + 1, index + 1]]));
        cursor.save({
          ...cursor.state,
          settled,
          counts: {
            delivered: records('delivered', 'redeemed'),
            filtered: records('filtered'),
            // Of one that was delivered after all it was taken back, while the letter may still be there.
            dead_lettered: records('dead', 'discarded', 'retrying'),
          },
          redeemed: positions('redeemed'),
        });
        await journal.closeCursor(NAME);

        const status = (await operations().ledger()).deliveries[0] as DeliveryStatus;
        assert.equal(
          status.accepted,
          fates.reduce((sum, [, count]) => sum + count, 0),
        );
        assert.equal(settledOf(status) + status.pending, status.accepted);
        assert.equal(status.pending, records('pending', 'retrying'));
        assert.equal(status.dead_lettered, records('dead', 'discarded'));
        assert.equal(status.delivered, records('delivered', 'redeemed'));
      }),
      { numRuns: 60 },
    );
  });

  test('says which deliveries nobody will run', async (t) => {
    const { withJournal, operations } = onDisk(t);
    await withJournal(async (journal) => {
      for (const exporter of ['kept', 'left', 'old', 'over']) await born(journal, `logs ${exporter}`);
      await journal.append(entries(2));
      await journal.openCursor('logs kept');
      await journal.openCursor('logs left');
      await journal.orphans();
      await journal.retire('logs over', { delivered: 1, expired: 1 });
    });
    const configured = new Set(['logs kept']);
    const { deliveries } = await operations({ configured }).ledger();
    const shown = Object.fromEntries(deliveries.map(({ exporter, ...rest }) => [exporter, rest]));
    assert.deepEqual([shown.kept?.state, shown.kept?.reason], ['stopped', 'no agent runs']);
    assert.deepEqual([shown.left?.state, shown.left?.reason], ['orphaned', 'it is not in this configuration']);
    assert.match(String(shown.old?.reason), /left the configuration/);
    assert.deepEqual([shown.over?.state, shown.over?.pending, shown.over?.accepted], ['orphaned', 0, 2]);
    const unknown = (await operations().ledger()).deliveries;
    assert.deepEqual(
      unknown.map(({ exporter, state }) => [exporter, state]).filter(([, state]) => state === 'stopped'),
      [
        ['kept', 'stopped'],
        ['left', 'stopped'],
      ],
    );
  });

  test('counts a replay apart, with what it has still to send', async (t) => {
    const { withJournal, operations } = onDisk(t);
    const name = replayName({ id: 'x7k2m9', pipeline: 'logs', exporter: 'coralogix' });
    await withJournal(async (journal) => {
      await born(journal, NAME, { cursor: 9, counts: { delivered: 8 } });
      await journal.append(entries(10));
      const plan = { to: 9, from: null, until: null, topic: 'ticket.*', rate: 10, asked: 'topic ticket.*' };
      await born(journal, name, { cursor: 3, counts: { delivered: 1 }, memo: replayMemo(plan) });
      await born(journal, replayName({ id: 'unborn', pipeline: 'logs', exporter: 'coralogix' }));
    });
    const { deliveries, replays } = await operations().ledger();
    assert.equal(deliveries.length, 1);
    const [unborn, replay] = replays;
    // 4, 6 and 8.
    assert.deepEqual(
      [replay?.id, replay?.request, replay?.pipeline, replay?.exporter, replay?.pending, replay?.accepted],
      ['x7k2m9', 'topic ticket.*', 'logs', 'coralogix', 3, 4],
    );
    assert.deepEqual([unborn?.id, unborn?.pending], ['unborn', 0]);
  });
});
