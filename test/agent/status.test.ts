import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { figures, journalFill, type StatusParts, statusOf, watched } from '../../src/agent/status.ts';
import type { CursorInfo, CursorState, JournalStatus } from '../../src/journal/journal.ts';
import { IntakeCounts } from '../../src/telemetry/intake.ts';
import { agentStatus, delivery, NO_RELOADS } from '../telemetry/status-samples.ts';

const journal: JournalStatus = {
  first: 1,
  next: 101,
  bytes: 1000,
  maxBytes: 10_000,
  full: false,
  failure: null,
  slowest: 'logs nop',
  oldestEnd: 11,
  freeBytes: 1e9,
  syncs: { bounds: [], counts: [0], sum: 0 },
  duplicates: 0,
  notes: [],
};

function cursorAt(cursor: number, more: Partial<CursorState> = {}): CursorInfo {
  return { name: 'logs nop', birth: 1, open: true, state: { cursor, settled: [], counts: {}, ...more } };
}

function parts(more: Partial<StatusParts> = {}): StatusParts {
  return {
    phase: 'running',
    version: '1.2.3',
    startedAt: 5,
    intake: new IntakeCounts(['intercom']),
    journal,
    cursors: [cursorAt(101)],
    deadLetters: { letters: 0, bytes: 0, maxBytes: 1000, full: false, expired: 0 },
    deliveries: [delivery()],
    replays: [],
    reloads: NO_RELOADS,
    hoursLeft: null,
    ...more,
  };
}

const reasons = (more: Partial<StatusParts>) => statusOf(parts(more)).degraded;

describe('the status of an agent', () => {
  it('is put together from its parts', () => {
    const intake = new IntakeCounts(['intercom']);
    intake.accept('intercom', 2);
    intake.duplicate('intercom', 1);
    intake.refuse('intercom', 'path');
    const deliveries = [delivery({ pending: 2 })];
    const replays = [{ ...delivery(), id: '1', request: 'all' }];
    const status = statusOf(
      parts({
        intake,
        deliveries,
        replays,
        hoursLeft: 7,
        deadLetters: { letters: 0, bytes: 1, maxBytes: 2, full: false, expired: 3 },
      }),
    );
    assert.deepEqual(status, {
      phase: 'running',
      version: '1.2.3',
      startedAt: 5,
      accepted: 2,
      duplicates: 1,
      refused: { path: 1 },
      receivers: [{ receiver: 'intercom', accepted: 2, duplicates: 1, refused: { path: 1 } }],
      journal: { bytes: 1000, max_bytes: 10_000, full: false, hours_left: 7, slowest: 'logs nop', notes: [] },
      dead_letters: { letters: 0, bytes: 1, max_bytes: 2, full: false, expired: 3 },
      deliveries,
      replays,
      reloads: NO_RELOADS,
      degraded: [],
    });
  });

  it('is there before the journal is open', () => {
    const early = {
      phase: 'starting',
      journal: undefined,
      cursors: [],
      deadLetters: undefined,
      deliveries: [],
    } as const;
    const status = statusOf(parts(early));
    assert.deepEqual([status.degraded, status.journal.bytes, status.dead_letters.max_bytes], [[], 0, 0]);
    assert.deepEqual(watched(parts(early)), { standing: [] });
  });
});

describe('degraded', () => {
  it('is nothing that is as it should be', () => {
    assert.deepEqual(reasons({}), []);
    assert.deepEqual(reasons({ deliveries: [delivery(), delivery({ state: 'stopped', reason: 'stopping' })] }), []);
  });

  it('is a delivery that is held or retrying, with the reason', () => {
    const deliveries = [
      delivery({ state: 'held', reason: '401' }),
      delivery({ exporter: 'b', state: 'retrying', reason: '503' }),
    ];
    assert.deepEqual(reasons({ deliveries }), [
      'delivery logs to nop is held: 401',
      'delivery logs to b is retrying: 503',
    ]);
  });

  it('is a delivery that left the configuration, as long as entries are kept for it', () => {
    const orphan = delivery({ state: 'orphaned', reason: 'its entries are kept until 2026-01-08' });
    const told = ['delivery logs to nop is orphaned: its entries are kept until 2026-01-08'];
    assert.deepEqual(reasons({ deliveries: [orphan] }), told);
    assert.deepEqual(reasons({ deliveries: [orphan], cursors: [cursorAt(101, { orphanedAt: 5 })] }), told);
    assert.deepEqual(reasons({ deliveries: [orphan], cursors: [cursorAt(101, { retiredAt: 5 })] }), []);
  });

  it('is a journal that fails or is full, and then not that it fills up as well', () => {
    const lagging = [cursorAt(1)];
    const failing = { ...journal, bytes: 9999, failure: 'EIO: the disk is broken' };
    assert.deepEqual(reasons({ journal: failing, cursors: lagging }), [
      'nothing can be stored, Intercom is answered 429: EIO: the disk is broken',
    ]);
    const full = { ...journal, bytes: 9999, full: true };
    assert.deepEqual(reasons({ journal: full, cursors: lagging }), [
      'nothing can be stored, Intercom is answered 429: the journal is full; the delivery that keeps most is logs nop',
    ]);
  });

  it('is a journal that fills up with what is not delivered: with the hours left, the delivery and the way out', () => {
    const half = { ...journal, bytes: 5000 };
    const [text, ...others] = reasons({ journal: half, cursors: [cursorAt(5)], hoursLeft: 3.5 });
    assert.deepEqual(others, []);
    assert.match(text ?? '', /^50 % of the room.* full in 3\.5 hours; .* logs nop: .*deliveries skip.*when_full/);
    assert.match(reasons({ journal: half, cursors: [cursorAt(5)] }).join(), /it does not grow now/);
    assert.deepEqual(reasons({ journal: { ...half, bytes: 4999 }, cursors: [cursorAt(5)] }), []);
  });

  it('is not a journal that is full of what is delivered: that makes way', () => {
    assert.deepEqual(reasons({ journal: { ...journal, bytes: 10_000 } }), []);
  });

  it('is a volume with little space left for the journal', () => {
    const little = { ...journal, freeBytes: 500 };
    assert.match(reasons({ journal: little, cursors: [cursorAt(1)] }).join(), /^66 % of the room/);
  });

  it('is dead letters, how full their store is, and when it is full that deliveries are held', () => {
    const letters = { letters: 3, bytes: 10, maxBytes: 1000, full: false, expired: 0 };
    assert.deepEqual(reasons({ deadLetters: letters }), [
      '3 dead letters are kept: see `dead-letters list`, then retry or discard them',
    ]);
    assert.match(
      reasons({ deadLetters: { ...letters, bytes: 800 } }).join(),
      /3 dead letters are kept, in 80 % of the room/,
    );
    const full = reasons({ deadLetters: { ...letters, bytes: 1000, full: true } });
    assert.deepEqual(
      full.map((text) => text.slice(0, 37)),
      ['the store of dead letters is full, de', '3 dead letters are kept: see `dead-le'],
    );
  });

  it('is a secret that is wrong', () => {
    const intake = new IntakeCounts();
    intake.accept('intercom/good', 1);
    for (let i = 0; i < 3; i++) intake.refuse('intercom', 'signature');
    assert.match(reasons({ intake }).join(), /^intercom: 3 requests with a wrong signature and none .*client_secret/);
  });
});

describe('what the alarms look at', () => {
  it('is the room of both stores, and the trouble that stands', () => {
    const intake = new IntakeCounts();
    intake.refuse('intercom', 'signature');
    const deadLetters = { letters: 3, bytes: 10, maxBytes: 1000, full: true, expired: 0 };
    const seen = watched(
      parts({ intake, deadLetters, cursors: [cursorAt(51)], journal: { ...journal, failure: 'EIO' } }),
    );
    assert.deepEqual(seen.journal, { used: 500, limit: 10_000, slowest: 'logs nop' });
    assert.deepEqual(seen.deadLetters, { used: 10, limit: 1000 });
    assert.deepEqual(
      seen.standing.map(({ about }) => about),
      ['journal', 'dead letters', 'signatures intercom'],
    );
  });
});

describe('the room that a journal needs', () => {
  it('is that of what the slowest delivery has not settled', () => {
    const used = (...cursors: CursorInfo[]) => journalFill(journal, cursors).used;
    assert.equal(used(cursorAt(101)), 0);
    assert.equal(used(cursorAt(101), cursorAt(76)), 250);
    assert.equal(used(cursorAt(101), cursorAt(76, { retiredAt: 5 })), 0, 'nothing is kept for a retired one');
    assert.equal(used(cursorAt(10)), 1000, 'nothing can be deleted while the oldest stretch is needed');
    assert.equal(used(), 1000, 'with nobody to settle it nothing is settled');
    assert.equal(journalFill({ ...journal, next: 1, bytes: 0, oldestEnd: 1 }, [cursorAt(1)]).used, 0);
  });

  it('is never less than nothing, nor more than there is, and grows with the lag', () => {
    const position = fc.nat({ max: 200 });
    fc.assert(
      fc.property(position, position, position, position, fc.nat(), (first, length, oldest, cursor, bytes) => {
        const next = first + length;
        const status = { ...journal, first, next, bytes, oldestEnd: Math.min(next, first + oldest) };
        const at = (place: number) => journalFill(status, [cursorAt(Math.min(next, first + place))]).used;
        assert.ok(at(cursor) >= 0 && at(cursor) <= bytes);
        assert.ok(at(cursor + 1) <= at(cursor));
      }),
    );
  });

  it('has the limit of the journal, or of its volume where that has less', () => {
    assert.equal(journalFill(journal, []).limit, 10_000);
    assert.equal(journalFill({ ...journal, freeBytes: 200 }, []).limit, 1200);
    assert.equal(journalFill({ ...journal, freeBytes: null }, []).limit, 10_000);
    assert.equal(journalFill({ ...journal, maxBytes: 0 }, []).limit, 0);
  });
});

it('the periodic figures are flat, one line for the agent and each delivery and replay, without what a backend wrote', () => {
  const status = agentStatus({
    accepted: 3,
    refused: { full: 2 },
    deliveries: [delivery({ delivered: 3, last_rejection: 'planted by a backend' })],
    replays: [{ ...delivery(), id: 'r1', request: 'all' }],
  });
  const lines = figures(status);
  assert.equal(lines.length, 3);
  for (const line of lines)
    for (const value of Object.values(line)) assert.ok(value === null || typeof value !== 'object');
  assert.deepEqual([lines[0]?.accepted, lines[0]?.refused_full, lines[0]?.journal_max_bytes], [3, 2, 100]);
  assert.deepEqual([lines[1]?.exporter, lines[1]?.delivered, lines[2]?.id], ['nop', 3, 'r1']);
  assert.doesNotMatch(JSON.stringify(lines), /planted/);
});

it('a reload that failed is a reason to look, until one succeeds', () => {
  const failure = { at: Date.UTC(2026, 0, 2), reason: 'agent.yaml:3:5: error: unknown key "x"' };
  assert.deepEqual(reasons({ reloads: { ...NO_RELOADS, failed: 1, failure } }), [
    'the configuration could not be reloaded at 2026-01-02T00:00:00.000Z, the old one stays in force: agent.yaml:3:5: error: unknown key "x"',
  ]);
});
