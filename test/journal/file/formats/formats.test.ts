/**
 * What each version of the formats on disk has written is read by this one: a directory of each is kept (make.ts), as a
 * killed agent left it.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { openFileJournal } from '../../../../src/journal/file/engine.ts';
import { openStoredJournal } from '../../../../src/journal/file/stored.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { repository } from '../../../support/shared.ts';
import { entry } from '../../entries.ts';
import { type Contents, contentsOf, type Packed, unpack } from './made.ts';
import { DELIVERY, KEYED, KILLED_AT, options } from './make.ts';

const folder = join(repository, 'test/journal/file/formats');
const versions = readdirSync(folder).filter((name) => /^v\d+$/.test(name));

function unpacked(t: TestContext, version: string): { directory: string; contents: Contents } {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, version, name), 'utf8'));
  const directory = mkdtempSync(join(tmpdir(), 'formats-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  unpack(read('files.json') as Packed, directory);
  return { directory, contents: read('contents.json') as Contents };
}

test('a directory of every version is kept', () => assert.ok(versions.includes('v1')));

for (const version of versions) {
  describe(`a directory of format ${version}`, () => {
    test('is shown as it is', async (t) => {
      const { directory, contents } = unpacked(t, version);
      const { clock, platform } = options(directory, new FakeClock(KILLED_AT), 98);
      const stored = await openStoredJournal({ directory, clock, platform });
      assert.deepEqual(await contentsOf(stored), contents);
      assert.deepEqual(stored.status().notes, []);
      await stored.close();
    });

    test('is taken over: entries, deliveries, dead letters, ids, and what the agent died of', async (t) => {
      const { directory, contents } = unpacked(t, version);
      const clock = new FakeClock(KILLED_AT + 60_000);
      const journal = await openFileJournal(options(directory, clock, 99));
      assert.deepEqual(await contentsOf(journal), contents);
      assert.deepEqual(journal.status().notes, []);
      const cursor = await journal.openCursor(DELIVERY);
      assert.deepEqual(cursor.died, { position: 12, deaths: 1 });

      const again = KEYED.map((number) => entry(number, { dedupKey: `support notif_${number}` }));
      assert.deepEqual(
        await journal.append(again),
        KEYED.map((position) => ({ kind: 'duplicate', position })),
      );
      assert.deepEqual(await journal.append([entry(99)]), [{ kind: 'stored', position: contents.next }]);
      await journal.close();

      const next = await openFileJournal(options(directory, clock, 100));
      const { entries, ...rest } = await contentsOf(next);
      const { entries: before, ...others } = contents;
      assert.deepEqual(entries.slice(0, -1), before);
      assert.deepEqual(rest, { ...others, next: contents.next + 1 });
      await next.close();
    });
  });
}
