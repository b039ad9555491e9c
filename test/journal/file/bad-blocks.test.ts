import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { File, FileSystem } from '../../../src/journal/file/fs.ts';
import { numberOf, readAll, sized } from '../entries.ts';
import { FaultyFileSystem, fault } from './faulty-fs.ts';
import { setting } from './harness.ts';

/** Reads of segments that touch these bytes fail, as those of a bad sector do. */
function withBadSector(fs: FaultyFileSystem, from: number, to: number, code = 'EIO'): FileSystem {
  const open = fs.open.bind(fs);
  fs.open = async (path, mode) => {
    const file: File = await open(path, mode);
    const { read } = file;
    if (mode !== 'read' || !path.endsWith('.log')) return file;
    return {
      ...file,
      read: async (target, offset) => {
        if (offset < to && offset + target.length > from) throw fault(code);
        return read(target, offset);
      },
    };
  };
  return fs;
}

test('a sector that cannot be read costs the entries in it, and no others', async (t) => {
  const at = setting(t);
  const fs = new FaultyFileSystem();
  const journal = await at.open({ fs: withBadSector(fs, 40_960, 45_056) });
  for (let number = 1; number <= 40; number++) await journal.append([sized(number, 2500)]);
  const { entries, lost, next } = await readAll(journal);
  assert.equal(next, 41);
  const gone = lost.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  assert.ok(gone >= 1 && gone <= 3, `${gone} entries lost to 4 KiB`);
  assert.equal(entries.length + gone, 40);
  for (const entry of entries) assert.ok(entry.body.every((byte) => byte === numberOf(entry)));
});

test('a read that fails for want of something else is no damage: it fails, and works later', async (t) => {
  const at = setting(t);
  const fs = new FaultyFileSystem();
  const journal = await at.open({ fs });
  await journal.append([sized(1, 2500)]);
  fs.before = (operation, name) => {
    if (operation === 'read' && name.endsWith('.log')) throw fault('EMFILE');
  };
  await assert.rejects(journal.read(1, { maxEntries: 1, maxBytes: 1 }), { code: 'failed' });
  fs.before = () => {};
  assert.equal((await readAll(journal)).entries.length, 1);
});
