import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { delivered, reject } from './backend.ts';
import { appendFrom, harness, numbered } from './harness.ts';

/** A replay of so many entries for a quarter of an hour, at a backend that refuses some. */
async function replayed(entries: number, refuses: readonly string[]) {
  const clock = new FakeClock();
  const journal = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  await journal.openCursor('keeper', { start: 'beginning' });
  await appendFrom(journal, 'in', numbered(entries));
  let ended = 0;
  const end = entries + 1;
  const replay = {
    end,
    rate: 1e6,
    selects: () => true,
    mark: () => {},
    finished: () => {
      ended++;
    },
    count: async ({ from, to }: { from: number; to: number }) => Math.max(0, Math.min(to, end) - from),
  };
  const name = 'replay a logs scripted';
  const scene = await harness({ clock, journal, start: 1, name, policy: { maxInFlight: 1 }, replay });
  scene.appended.count = entries;
  scene.exporter.answer = (texts) => (refuses.some((text) => texts.includes(text)) ? reject : delivered);
  for (let i = 0; i < 60; i++) await clock.advance(15_000);
  return { scene, ended };
}

test('a replay goes on after the first record that is refused: a second one does not hold it for ever', async () => {
  const { scene, ended } = await replayed(30, ['n13', 'n25']);
  assert.equal(ended, 1, '15 minutes later it still runs');
  assert.deepEqual([scene.status.delivered, scene.status.rejected_by_backend], [28, 2]);
});

test('a replay ends although the last request is one record that is refused', async () => {
  const { ended } = await replayed(11, ['n10']);
  assert.equal(ended, 1, '15 minutes later it still runs');
});
