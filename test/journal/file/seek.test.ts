import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { sized } from '../entries.ts';
import { FaultyFileSystem } from './faulty-fs.ts';
import { setting } from './harness.ts';

/** A file system that counts the bytes read. */
function counting() {
  const fs = new FaultyFileSystem();
  const counter = { fs, read: 0 };
  const { open } = fs;
  fs.open = async (path, mode) => {
    const file = await open.call(fs, path, mode);
    return {
      ...file,
      read: async (target, offset) => {
        const read = await file.read(target, offset);
        counter.read += read;
        return read;
      },
    };
  };
  return counter;
}

describe('seeking in a file journal', () => {
  test('reads a small part of a segment only, also after a restart', async (t) => {
    const at = setting(t);
    const counter = counting();
    const start = at.clock.now();
    let journal = await at.open({ fs: counter.fs });
    for (let number = 0; number < 120; number++) {
      await journal.append([sized(number, 100_000)]);
      at.clock.jump(1_000);
    }
    assert.equal(at.files('log').length, 1);
    for (const what of ['written by this process', 'from the file of ids', 'read again']) {
      for (const second of [0, 1, 60, 119]) {
        counter.read = 0;
        assert.equal(await journal.seek(start + second * 1_000), second + 1, what);
        assert.ok(counter.read < 3_000_000, `${what}: ${counter.read} bytes read for second ${second}`);
      }
      counter.read = 0;
      assert.equal(await journal.seek(start + 120_000), 121);
      assert.ok(counter.read < 3_000_000);
      if (what === 'read again') break;
      await journal.close();
      if (what === 'from the file of ids') for (const path of at.files('ids')) rmSync(path);
      journal = await at.open({ fs: counter.fs });
    }
  });

  test('finds the first of many entries that were stored at the same time', async (t) => {
    const at = setting(t);
    const journal = await at.open();
    const start = at.clock.now();
    await journal.append([sized(1, 1_000)]);
    at.clock.jump(1_000);
    for (let number = 2; number <= 40; number++) await journal.append([sized(number, 100_000)]);
    assert.deepEqual([await journal.seek(start), await journal.seek(start + 1_000)], [1, 2]);
  });

  test('is exact with the files of ids of an earlier release, which do not know times', async (t) => {
    const at = setting(t, { segmentBytes: 4_000_000 });
    const start = at.clock.now();
    const first = await at.open();
    for (let number = 0; number < 60; number++) {
      await first.append([sized(number, 100_000)]);
      at.clock.jump(1_000);
    }
    await first.close();
    for (const path of at.files('ids')) {
      const bytes = readFileSync(path);
      const length = bytes.readUInt32LE(12);
      const summary = JSON.parse(bytes.subarray(32, 32 + length).toString());
      assert.ok(summary.index.length > 0);
      summary.index = summary.index.map((place: number[]) => place.slice(0, 2));
      const older = Buffer.from(JSON.stringify(summary));
      const head = bytes.subarray(0, 32);
      head.writeUInt32LE(older.length, 12);
      head.writeUInt32LE(crc32(older), 20);
      head.writeUInt32LE(crc32(head.subarray(0, 28)), 28);
      writeFileSync(path, Buffer.concat([head, older, bytes.subarray(32 + length)]));
    }
    const journal = await at.open();
    assert.deepEqual(journal.status().notes, []);
    for (const second of [0, 17, 59]) assert.equal(await journal.seek(start + second * 1_000), second + 1);
  });

  test('is exact whatever the clock did, over restarts', async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 60 }), fc.constantFrom(10, 60_000, 300_000), fc.boolean()), {
          minLength: 1,
          maxLength: 12,
        }),
        async (steps) => {
          const at = setting(t, { segmentBytes: 1_000_000 });
          const start = at.clock.now();
          let journal = await at.open();
          const times: number[] = [];
          for (const [jump, bytes, restart] of steps) {
            at.clock.jump(jump);
            await journal.append([sized(times.length, bytes)]);
            times.push(at.clock.now());
            if (!restart) continue;
            await journal.close();
            journal = await at.open();
          }
          for (let time = start - 60; time <= Math.max(...times) + 1; time += 7) {
            const found = times.findIndex((stored) => stored >= time);
            assert.equal(await journal.seek(time), found === -1 ? times.length + 1 : found + 1);
          }
          await journal.close();
        },
      ),
      { numRuns: 15 },
    );
  });
});
