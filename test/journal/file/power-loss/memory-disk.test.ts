/** That the memory disk forgets what a disk may forget, and keeps what it must. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readWhole } from '../../../../src/journal/file/fs.ts';
import { seeded } from '../../../crash/arguments.ts';
import { afterPowerLoss, MemoryDisk } from './memory-disk.ts';
import { type Luck, SECTOR_BYTES } from './stored-file.ts';

const ALL: Luck = { pick: (newest) => newest };
const NOTHING: Luck = { pick: () => 0 };

async function disk(): Promise<MemoryDisk> {
  const made = new MemoryDisk(seeded(1));
  await made.makeDirectory('/data');
  return made;
}

/** Names and contents after a loss of power with this luck. */
async function left(from: MemoryDisk, luck: Luck): Promise<Record<string, string>> {
  const after = new MemoryDisk(seeded(1), afterPowerLoss(from.image(), luck));
  const files: Record<string, string> = {};
  for (const name of (await after.list('/data')).sort())
    files[name] = (await readWhole(after, `/data/${name}`))?.toString('latin1') ?? '';
  return files;
}

/** Every outcome that many tries bring. */
async function outcomes(from: MemoryDisk, tries = 300): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 1; seed <= tries; seed++) {
    const random = seeded(seed);
    found.add(JSON.stringify(await left(from, { pick: (newest) => Math.floor(random() * (newest + 1)) })));
  }
  return found;
}

describe('a loss of power', () => {
  test('takes a file whose name was not synced, however well its bytes were', async () => {
    const from = await disk();
    const file = await from.open('/data/a', 'create');
    await file.write(Buffer.from('bytes'), 0);
    await file.sync();
    assert.deepEqual(await left(from, NOTHING), {});
    await from.syncDirectory('/data');
    assert.deepEqual(await left(from, NOTHING), { a: 'bytes' });
  });

  test('leaves any of the contents that a sector had since the last sync, and any length', async () => {
    const from = await disk();
    const file = await from.open('/data/a', 'create');
    await file.write(Buffer.from('old'), 0);
    await file.sync();
    await from.syncDirectory('/data');
    await file.write(Buffer.from('new'), 0);
    await file.write(Buffer.from('er'), 3);
    assert.deepEqual(
      await outcomes(from),
      new Set(['old', 'new', 'newer', 'old\0\0', 'new\0\0'].map((a) => JSON.stringify({ a }))),
    );
    await file.sync();
    assert.deepEqual(await outcomes(from), new Set([JSON.stringify({ a: 'newer' })]));
  });

  test('tears a write between sectors and nowhere else', async () => {
    const from = await disk();
    const file = await from.open('/data/a', 'create');
    await file.write(Buffer.alloc(3 * SECTOR_BYTES, 'o'), 0);
    await file.sync();
    await from.syncDirectory('/data');
    await file.write(Buffer.alloc(2 * SECTOR_BYTES, 'n'), SECTOR_BYTES / 2);
    const half = SECTOR_BYTES / 2;
    const sectors = [
      `${'o'.repeat(half)}${'n'.repeat(half)}`,
      'n'.repeat(SECTOR_BYTES),
      `${'n'.repeat(half)}${'o'.repeat(half)}`,
    ];
    const old = 'o'.repeat(SECTOR_BYTES);
    const possible = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
      JSON.stringify({ a: sectors.map((sector, index) => ((bits >> index) & 1 ? sector : old)).join('') }),
    );
    assert.deepEqual(await outcomes(from), new Set(possible));
  });

  test('shows the old file or the new one under a name that was replaced', async () => {
    const from = await disk();
    for (const [name, text] of [
      ['a', 'old'],
      ['a.new', 'new'],
    ] as const) {
      const file = await from.open(`/data/${name}`, 'create');
      await file.write(Buffer.from(text), 0);
      await file.sync();
    }
    await from.syncDirectory('/data');
    await from.rename('/data/a.new', '/data/a');
    const both = [{ a: 'old', 'a.new': 'new' }, { a: 'new' }];
    assert.deepEqual(await outcomes(from), new Set(both.map((names) => JSON.stringify(names))));
    await from.syncDirectory('/data');
    assert.deepEqual(await outcomes(from), new Set([JSON.stringify({ a: 'new' })]));
  });

  test('may bring back what was removed', async () => {
    const from = await disk();
    for (const name of ['a', 'b']) await from.open(`/data/${name}`, 'create');
    await from.syncDirectory('/data');
    await from.unlink('/data/a');
    await from.unlink('/data/b');
    const possible = [{ a: '', b: '' }, { a: '' }, { b: '' }, {}];
    assert.deepEqual(await outcomes(from), new Set(possible.map((names) => JSON.stringify(names))));
  });

  test('leaves in doubt what a failed sync was to save, whatever later syncs say', async () => {
    const from = await disk();
    const file = await from.open('/data/a', 'create');
    await file.write(Buffer.alloc(2 * SECTOR_BYTES, 'o'), 0);
    await file.sync();
    await from.syncDirectory('/data');
    await file.write(Buffer.from('n'), 0);
    from.before = () => {
      from.before = () => {};
      throw new Error('EIO');
    };
    await assert.rejects(file.sync());
    await file.sync();
    await file.write(Buffer.from('n'), SECTOR_BYTES);
    await file.sync();
    const rest = 'o'.repeat(SECTOR_BYTES - 1);
    const possible = [`o${rest}n${rest}`, `n${rest}n${rest}`];
    assert.deepEqual(await outcomes(from), new Set(possible.map((a) => JSON.stringify({ a }))));
    await file.write(Buffer.from('N'), 1);
    await file.sync();
    assert.deepEqual(await left(from, NOTHING), { a: `nN${rest.slice(1)}n${rest}` });
  });

  test('does not cover what was written while the sync was under way', async () => {
    const from = await disk();
    const file = await from.open('/data/a', 'create');
    await from.syncDirectory('/data');
    await file.write(Buffer.from('before'), 0);
    const syncing = file.sync();
    await file.write(Buffer.from('AFTER'), 0);
    await syncing;
    assert.deepEqual(await left(from, NOTHING), { a: 'before' });
  });

  test('harms nothing that was synced, and a kill nothing that was written', async () => {
    const write = fc.record({
      at: fc.nat({ max: 3_000 }),
      bytes: fc.integer({ min: 1, max: 3_000 }),
      sync: fc.boolean(),
      cut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 12 }), fc.integer(), async (writes, seed) => {
        const from = await disk();
        const file = await from.open('/data/a', 'create');
        await from.syncDirectory('/data');
        let content = Buffer.alloc(0);
        let synced = content;
        for (const [index, { at, bytes, sync, cut }] of writes.entries()) {
          if (cut) await file.truncate(at);
          else await file.write(Buffer.alloc(bytes, index + 1), at);
          const grown = Buffer.alloc(cut ? at : Math.max(content.length, at + bytes));
          content.copy(grown);
          if (!cut) grown.fill(index + 1, at, at + bytes);
          content = grown;
          if (sync) {
            await file.sync();
            synced = content;
          }
        }
        const random = seeded(seed);
        const survived =
          content === synced ? { pick: (newest: number) => Math.floor(random() * (newest + 1)) } : NOTHING;
        assert.equal((await left(from, survived)).a, synced.toString('latin1'));
        assert.equal((await left(from, ALL)).a, content.toString('latin1'));
        const killed = new MemoryDisk(seeded(1), from.image());
        assert.deepEqual(await readWhole(killed, '/data/a'), content);
      }),
      { numRuns: 60 },
    );
  });
});
