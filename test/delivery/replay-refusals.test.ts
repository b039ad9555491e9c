import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { delivered, reject } from './backend.ts';
import { appendFrom, harness, numbered } from './harness.ts';

test('a replay goes on after the first record that is refused: a second one does not hold it for ever', async () => {
  const clock = new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  await journal.openCursor('keeper', { start: 'beginning' });
  await appendFrom(journal, 'in', numbered(30));
  let ended = 0;
  const replay = {
    end: 31,
    rate: 1e6,
    selects: () => true,
    mark: () => {},
    finished: () => {
      ended++;
    },
    count: async ({ from, to }: { from: number; to: number }) => Math.max(0, Math.min(to, 31) - from),
  };
  const scene = await harness({
    clock,
    journal,
    start: 1,
    name: 'replay a logs scripted',
    policy: { maxInFlight: 1 },
    replay,
  });
  scene.appended.count = 30;
  scene.exporter.answer = (texts) => (texts.includes('n13') || texts.includes('n25') ? reject : delivered);
  for (let i = 0; i < 60; i++) await clock.advance(15_000);
  assert.equal(ended, 1, '15 minutes later it still runs');
  assert.deepEqual([scene.status.delivered, scene.status.rejected_by_backend], [28, 2]);
});

test('a replay ends although the last request is one record that is refused', async () => {
  const clock = new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  await journal.openCursor('keeper', { start: 'beginning' });
  await appendFrom(journal, 'in', numbered(11));
  let ended = 0;
  const replay = {
    end: 12,
    rate: 1e6,
    selects: () => true,
    mark: () => {},
    finished: () => {
      ended++;
    },
    count: async ({ from, to }: { from: number; to: number }) => Math.max(0, Math.min(to, 12) - from),
  };
  const scene = await harness({
    clock,
    journal,
    start: 1,
    name: 'replay a logs scripted',
    policy: { maxInFlight: 1 },
    replay,
  });
  scene.appended.count = 11;
  scene.exporter.answer = (texts) => (texts.includes('n10') ? reject : delivered);
  for (let i = 0; i < 60; i++) await clock.advance(15_000);
  assert.equal(ended, 1, '15 minutes later it still runs');
});
