/** What is found in a directory, whatever happened to it. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { DeadLetters } from '../../../src/journal/dead-letters.ts';
import { readDeadLetters } from '../../../src/journal/file/dead-letters/index.ts';
import { ENTRY, encodeFrame, frameBytes } from '../../../src/journal/file/frame.ts';
import { type File, nodeFileSystem } from '../../../src/journal/file/fs.ts';
import { encodeMetadata } from '../../../src/journal/file/metadata.ts';
import { decodeHead, encodeHead } from '../../../src/journal/file/segment.ts';
import { FaultyFileSystem } from '../file/faulty-fs.ts';
import { type Setting, setting } from './harness.ts';
import { DELIVERY, everything, expected, keyOf, letter, positions, sized } from './letters.ts';
import { Model } from './model.ts';

/** Names, contents and times of all files. */
function fingerprint(directory: string): unknown {
  return readdirSync(directory)
    .sort()
    .map((name) => [name, crc32(readFileSync(join(directory, name))), statSync(join(directory, name)).mtimeMs]);
}

function changeByte(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] as number) ^ 0x10;
  writeFileSync(path, bytes);
}

/** One change per frame, in the order of the frames. */
const CHANGES: readonly ((model: Model) => void)[] = [
  (model) => model.put([letter(1)]),
  (model) => model.put([letter(2)]),
  (model) => model.put([letter(3)]),
  (model) => model.put([letter(1, { attempts: 9 })]),
  (model) => model.retry([keyOf(letter(2))]),
  (model) => model.remove([keyOf(letter(3)), keyOf(letter(1))]),
  (model) => model.put([letter(3, { attempts: 5 })]),
  (model) => model.rename(DELIVERY, 'new'),
  () => {},
  (model) => model.put([letter(4)]),
  () => {},
];

/** The same in a store: two segments, each closed in order. */
async function write(at: Setting): Promise<void> {
  const first = await at.open();
  await first.put([letter(1), letter(2), letter(3)]);
  await first.put([letter(1, { attempts: 9 })]);
  await first.retry([keyOf(letter(2))]);
  await first.remove([keyOf(letter(3)), keyOf(letter(1))]);
  await first.put([letter(3, { attempts: 5 })]);
  await first.rename(DELIVERY, 'new');
  await first.close();
  const second = await at.open();
  await second.put([letter(4)]);
  await second.close();
}

function without(omitted: number | undefined): Model {
  const model = new Model();
  for (const [index, change] of CHANGES.entries()) if (index !== omitted) change(model);
  return model;
}

/** What may be found where one frame is damaged. */
const POSSIBLE = new Set(CHANGES.map((_, index) => JSON.stringify(without(index).everything())));
const WHOLE = JSON.stringify(without(undefined).everything());

function assertPossible(found: unknown[], notes: readonly string[], what: string): void {
  const json = JSON.stringify(found);
  if (json === WHOLE) return;
  assert.ok(POSSIBLE.has(json), `${what}: ${json}`);
  assert.ok(
    notes.length === 1 && /is damaged: 1 of its frames can't be read/.test(notes[0] as string),
    `${what}: ${notes}`,
  );
}

/** Files that are only read, from memory. */
function inMemory(files: ReadonlyMap<string, Buffer>) {
  const unused = async () => assert.fail('reading changes nothing');
  return {
    ...nodeFileSystem,
    list: async () => [...files.keys()].map((path) => basename(path)),
    open: async (path: string): Promise<File> => {
      const bytes = files.get(path) as Buffer;
      return {
        read: async (target, offset) => bytes.copy(target, 0, offset, Math.min(bytes.length, offset + target.length)),
        write: unused,
        writeNow: () => assert.fail('reading changes nothing'),
        sync: unused,
        truncate: unused,
        size: async () => bytes.length,
        close: async () => {},
      };
    },
  };
}

describe('opening dead letters', () => {
  test('finds a store that was closed as it was, for its owner only', async (t) => {
    const at = setting(t);
    await write(at);
    const store = await at.open();
    assert.deepEqual(await everything(store), without(undefined).everything());
    assert.deepEqual(store.notes, []);
    for (const path of at.files()) assert.equal((statSync(path).mode & 0o777).toString(8), '600');
  });

  test('again and again, with nothing put, adds no file and no byte', async (t) => {
    const at = setting(t);
    await write(at);
    const sizes = () => at.files().map((path) => [path, statSync(path).size]);
    await (await at.open()).close();
    const before = sizes();
    for (let round = 0; round < 3; round++) await (await at.open()).close();
    assert.deepEqual(sizes(), before);
  });

  test('syncs what may be in the page cache only before anything is believed', async (t) => {
    const at = setting(t);
    await (await at.open()).put([letter(1)]);
    const fs = new FaultyFileSystem();
    await at.open({ fs });
    const name = '0000000000000001.log';
    const isOfThat = (one: string) => /^(write|sync|truncate) /.test(one) && one.endsWith(name);
    const done = fs.done.filter((one) => isOfThat(one) || one.startsWith('syncDirectory'));
    assert.deepEqual(done.slice(0, 4), [
      `truncate ${name}`,
      `write ${name}`,
      `sync ${name}`,
      `syncDirectory ${basename(at.directory)}`,
    ]);
  });

  test('cuts a torn end, at every byte of it, and takes the last put whole or not at all', async (t) => {
    const at = setting(t);
    const store = await at.open();
    await store.put([letter(1)]);
    const durable = store.status().bytes;
    await store.put([letter(2), letter(3), letter(1, { attempts: 9 })]);
    const end = store.status().bytes;
    const whole = at.copy();
    const [path] = at.files(whole) as [string];
    const bytes = readFileSync(path);
    for (let cut = end; cut >= durable; cut -= cut === end ? 1 : 7) {
      const torn = Buffer.from(bytes);
      // Zeros that were written ahead, or the end of the file.
      if (cut % 2 === 0) writeFileSync(path, torn.fill(0, cut));
      else writeFileSync(path, torn.subarray(0, cut));
      const reading = await at.read(whole);
      const survivors =
        cut === end ? expected([letter(1, { attempts: 9 }), letter(2), letter(3)]) : expected([letter(1)]);
      assert.deepEqual([await everything(reading), reading.notes], [survivors, []], `cut at ${cut}`);
    }
    writeFileSync(path, Buffer.from(bytes).fill(0, end - 5));
    const opened = await at.open({ directory: whole });
    assert.deepEqual([await everything(opened), opened.notes], [expected([letter(1)]), []]);
    assert.equal(statSync(path).size, durable);
    await opened.put([letter(4)]);
    await opened.close();
    assert.deepEqual(positions(await at.read(whole)), [1, 4]);
  });

  test('after one flipped bit, wherever it is, misses that change at most, and says so', async (t) => {
    const at = setting(t);
    await write(at);
    const files = new Map(at.files().map((path) => [path, readFileSync(path)]));
    const fs = inMemory(files);
    let damaged = 0;
    for (const [path, bytes] of files) {
      for (let offset = 0; offset < bytes.length; offset++) {
        // The padding of the heads is as good as another.
        if (offset % 2_048 > 64 && offset < 4_096 && offset % 64 !== 0) continue;
        const bit = 1 << (offset % 8);
        bytes[offset] = (bytes[offset] as number) ^ bit;
        const reading = await readDeadLetters({ fs, directory: at.directory });
        const what = `byte ${offset} of ${basename(path)}`;
        assertPossible(await everything(reading), reading.notes, what);
        damaged += reading.notes.length;
        bytes[offset] = (bytes[offset] as number) ^ bit;
      }
    }
    // All but the heads' padding, their copies, and the frames at the very end.
    assert.ok(damaged > 2_000, `${damaged}`);
  });

  test('after a flipped bit goes on, and the damage is told again', async (t) => {
    const at = setting(t);
    await write(at);
    const [path] = at.files() as [string];
    const size = statSync(path).size;
    for (let offset = 3; offset < size; offset += offset < 4_096 ? 501 : 151) {
      const directory = at.copy();
      changeByte(join(directory, basename(path)), offset);
      for (const opening of ['first', 'second']) {
        const store = await at.open({ directory });
        assertPossible(
          (await everything(store)).filter((one) => (one as { position: number }).position < 90),
          store.notes,
          `byte ${offset}, ${opening}`,
        );
        await store.put([letter(90)]);
        await store.maintain();
        assert.ok((await store.get(keyOf(letter(90)))) !== undefined);
        await (opening === 'first' ? store.abandon() : store.close());
      }
    }
  });

  test('a damaged letter that was there is not found and not invented', async (t) => {
    const at = setting(t);
    const store = await at.open();
    await store.put([letter(1), letter(2), letter(3)]);
    const [path] = at.files() as [string];
    changeByte(path, readFileSync(path).indexOf('{"notification":"2"}'));
    assert.equal(await store.get(keyOf(letter(2))), undefined);
    assert.ok(await store.get(keyOf(letter(1))));
  });

  test('a block that the volume cannot read costs what lies in it', async (t) => {
    const at = setting(t);
    const first = await at.open();
    for (let number = 1; number <= 40; number++) await first.put([sized(number, 500)]);
    await first.close();
    const fs = new FaultyFileSystem();
    const { open } = fs;
    fs.open = async (path, mode) => {
      const file = await open.call(fs, path, mode);
      const read: File['read'] = async (target, offset) => {
        if (offset < 12_288 && offset + target.length > 8_192) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return file.read(target, offset);
      };
      return { ...file, read };
    };
    const store = await at.open({ fs });
    assert.ok(store.notes.length > 0);
    const found = positions(store);
    assert.ok(found.length >= 30 && found.length < 40, `${found}`);
    await everything(store);
  });

  test('a segment that is missing is told', async (t) => {
    const at = setting(t, { segmentBytes: 8_192 });
    const store = await at.open();
    for (let number = 1; number <= 9; number++) await store.put([sized(number, 2_000)]);
    await store.close();
    rmSync(at.files()[1] as string);
    const again = await at.open();
    assert.match(again.notes.join('\n'), /0000000000000001\.log is damaged: \d+ of its frames can't be read/);
    await everything(again);
  });

  test('leaves files of others alone, and removes drafts', async (t) => {
    const at = setting(t);
    await write(at);
    const stranger = join(at.directory, 'notes.txt');
    writeFileSync(stranger, 'mine');
    writeFileSync(`${at.files()[0]}.new`, 'draft');
    const store = await at.open();
    assert.deepEqual(store.notes, [`${stranger} is not a file of the dead letters; it was left alone.`]);
    assert.deepEqual(
      readdirSync(at.directory).filter((name) => name.endsWith('.new')),
      [],
    );
    assert.equal(readFileSync(stranger, 'utf8'), 'mine');
  });
});

describe('a directory of dead letters is refused, in words, and not changed, when', () => {
  const cases: { what: string; harm(files: string[], at: Setting): void; words: RegExp }[] = [
    {
      what: 'a file is none of ours',
      harm: ([, second]) => writeFileSync(second as string, Buffer.alloc(10_000, 7)),
      words: /is not a segment of this journal, or its head is damaged\. Nothing was changed/,
    },
    {
      what: 'both heads of a segment are damaged',
      harm: ([first]) => {
        for (const offset of [20, 2_068]) changeByte(first as string, offset);
      },
      words: /is not a segment of this journal, or its head is damaged/,
    },
    {
      what: 'a file is empty',
      harm: ([first]) => truncateSync(first as string, 0),
      words: /is not a segment of this journal/,
    },
    {
      what: 'a file is of a newer format',
      harm: ([first]) => {
        const bytes = readFileSync(first as string);
        for (const at of [0, 2_048]) {
          bytes.writeUInt16LE(99, at + 8);
          bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 32)), at + 32);
        }
        writeFileSync(first as string, bytes);
      },
      words: /has format version 99; this version of the agent knows up to 1\. Nothing was changed/,
    },
    {
      what: 'a segment was renamed',
      harm: ([first], at) => renameSync(first as string, join(at.directory, '0000000000000003.log')),
      words: /begins at number 1 by its own account: it was renamed.*0000000000000001\.log/,
    },
    {
      what: 'a segment has a name that no segment has',
      harm: ([first], at) => copyFileSync(first as string, join(at.directory, 'copy.log')),
      words: /copy\.log does not have the name of a file of the dead letters/,
    },
    {
      what: 'a segment of the journal is among them',
      harm: ([, second]) => writeFileSync(second as string, journalSegment(Number(basename(second as string, '.log')))),
      words: /holds something that is no dead letter: it is a segment of the journal itself/,
    },
  ];
  for (const { what, harm, words } of cases) {
    test(what, async (t: TestContext) => {
      const at = setting(t);
      await write(at);
      harm(at.files(), at);
      const before = fingerprint(at.directory);
      await assert.rejects(at.open(), { name: 'JournalError', code: 'failed', message: words });
      await assert.rejects(at.read(), { name: 'JournalError', code: 'failed', message: words });
      assert.deepEqual(fingerprint(at.directory), before);
    });
  }

  /** With one entry in it. */
  function journalSegment(first: number): Buffer {
    const head = encodeHead({ first, salt: { seed: 1, marker: 2 }, bornAt: 3 });
    const { salt } = decodeHead(head, 'segment');
    const metadata = encodeMetadata({ source: 'intercom', metadata: {} });
    const frame = Buffer.alloc(frameBytes(metadata.length, 0));
    const content = {
      position: first,
      kind: ENTRY,
      records: 1,
      more: false,
      receivedAt: 1,
      storedAt: 2,
      metadata,
      body: Buffer.alloc(0),
    };
    encodeFrame(frame, 0, head.length, salt, content);
    return Buffer.concat([head, frame]);
  }
});

describe('reading dead letters alone', () => {
  /** Times in the past, so that any change shows. */
  function age(directory: string): void {
    for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1_000, 1_000);
  }

  test('changes no byte: closed in order, killed, torn, with drafts', async (t) => {
    const at = setting(t);
    const store = await at.open();
    const [one, two] = [letter(1), letter(2)];
    await store.put([one, two]);
    await store.retry([keyOf(two)]);
    const torn = at.copy();
    const [path] = at.files(torn) as [string];
    const end = store.status().bytes;
    writeFileSync(path, readFileSync(path).fill(0, end - 9));
    writeFileSync(`${path}.new`, 'draft');
    const killed = at.copy();
    await store.close();
    for (const directory of [at.directory, killed, torn]) {
      age(directory);
      const before = fingerprint(directory);
      const reading = await at.read(directory);
      assert.deepEqual(await everything(reading), expected([one, two], directory === torn ? [] : [two]));
      assert.equal(await reading.get(keyOf(letter(3))), undefined);
      assert.equal(reading.status().letters, 2);
      assert.ok(reading.status().bytes > 4_096);
      await reading.close();
      assert.deepEqual(fingerprint(directory), before);
    }
  });

  test('finds nothing where the directory does not exist, and does not make it', async (t) => {
    const at = setting(t);
    const directory = join(at.directory, 'none');
    const reading = await at.read(directory);
    assert.deepEqual([reading.list(), reading.status().letters, reading.notes], [[], 0, []]);
    assert.throws(() => statSync(directory), { code: 'ENOENT' });
    mkdirSync(directory);
    assert.deepEqual((await at.read(directory)).list(), []);
  });

  test('finds what another process has written, while it writes, and finds it where that has moved it', async (t) => {
    const at = setting(t, { segmentBytes: 20_000 });
    const store: DeadLetters = await at.open();
    for (let number = 1; number <= 40; number++) await store.put([sized(number, 3_000)]);
    const reading = await at.read();
    assert.deepEqual(await everything(reading), await everything(store));
    await store.remove(
      Array.from({ length: 38 }, (_, index) => keyOf(letter(index + 1))).filter(({ position }) => position !== 3),
    );
    const files = at.files();
    await store.maintain();
    assert.ok(!at.files().includes(files[0] as string));
    assert.deepEqual(positions(reading).length, 40);
    for (const position of [3, 39, 40]) {
      const found = await reading.get({ delivery: DELIVERY, position });
      assert.deepEqual(found?.entry.body, sized(position, 3_000).entry.body);
    }
    assert.equal(await reading.get(keyOf(letter(5))), undefined);
  });

  test('begins anew when a segment vanishes while it is read', async (t) => {
    const at = setting(t, { segmentBytes: 20_000 });
    const store = await at.open();
    for (let number = 1; number <= 20; number++) await store.put([sized(number, 3_000)]);
    const [first] = at.files() as [string];
    const fs = new FaultyFileSystem();
    fs.before = async (operation, name) => {
      if (operation !== 'open' || name !== basename(first)) return;
      fs.before = () => {};
      await store.remove(Array.from({ length: 15 }, (_, index) => keyOf(letter(index + 1))));
      await store.maintain();
    };
    const reading = await readDeadLetters({ fs, directory: at.directory });
    assert.throws(() => statSync(first), { code: 'ENOENT' });
    assert.deepEqual([await everything(reading), reading.notes], [await everything(store), []]);
  });
});
