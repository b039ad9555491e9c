import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harness } from '../delivery/harness.ts';
import { born, entries, inMemory, NAME } from './directory-harness.ts';

test('what was on its way when the process died and was then skipped is counted as a repeat when it is sent again', async () => {
  const place = await inMemory();
  const { journal, clock } = place;
  await journal.openCursor('keeper', { start: 'beginning' });
  // Killed while entries 1 to 3 were on their way.
  await born(journal, NAME, { inFlight: [[1, 3]] });
  await journal.append(entries(3));
  assert.deepEqual(await place.operations().skipDelivery(NAME, { discard: false }), { records: 3 });
  // The agent runs, and is restarted.
  const first = await harness({ journal, clock, name: NAME, sources: ['intercom'] });
  await first.stop();
  await journal.closeCursor(NAME);
  const second = await harness({ journal, clock, name: NAME, sources: ['intercom'] });
  await journal.deadLetters.retry(journal.deadLetters.list());
  second.delivery.recalled();
  for (let i = 0; i < 30; i++) await clock.advance(10);
  assert.equal(second.exporter.texts.length, 3);
  assert.equal(second.status.delivered, 3);
  assert.equal(second.status.ambiguous, 3);
});
