import { openMemoryJournal } from '../../../src/journal/memory/engine.ts';
import { journalSuite } from '../suite.ts';

journalSuite('memory', async (t, options) => {
  const journal = await openMemoryJournal(options);
  t.after(() => journal.close());
  return journal;
});
