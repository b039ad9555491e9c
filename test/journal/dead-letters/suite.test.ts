/** What every store of dead letters promises, on disk and in memory. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { CAUSES, type DeadLetter, type DeadLetters } from '../../../src/journal/dead-letters.ts';
import type { LetterLimits } from '../../../src/journal/file/dead-letters/limits.ts';
import { MAX_POSITION } from '../../../src/journal/file/frame.ts';
import { memoryDeadLetters } from '../../../src/journal/memory/dead-letters.ts';
import type { Log } from '../../../src/telemetry/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { NO_LIMITS, recordingLog, setting } from './harness.ts';
import { AT, DELIVERY, everything, expected, keyOf, letter, plain, positions, sized } from './letters.ts';

type Open = (t: TestContext, limits: LetterLimits, clock: FakeClock, log: Log) => Promise<DeadLetters>;

const HOUR_MS = 3_600_000;

function suite(kind: string, openStore: Open): void {
  const open = async (t: TestContext, limits: Partial<LetterLimits> = {}) => {
    const clock = new FakeClock(AT);
    const { log, lines } = recordingLog();
    const store = await openStore(t, { ...NO_LIMITS, ...limits }, clock, log);
    return { store, clock, errors: () => lines.filter(({ level }) => level === 'error') };
  };

  describe(`dead letters ${kind}`, () => {
    test('come back exactly as they were put', async (t) => {
      const { store } = await open(t);
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom('', '__proto__', '\ud800', '\u0000'),
      );
      const bytes = fc.uint8Array({ maxLength: 3_000 }).map((data) => Buffer.from(data));
      const arbitrary = fc
        .record(
          {
            delivery: fc.oneof(text, fc.string({ unit: 'binary', minLength: 1_500, maxLength: 2_048 })),
            position: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant(MAX_POSITION)),
            source: text,
            receivedAt: fc.oneof(fc.integer(), fc.double({ noNaN: true })),
            records: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
            metadata: fc.dictionary(text, text),
            body: bytes,
            erased: fc.constant(true as const),
            sent: bytes,
            cause: fc.record(
              {
                kind: fc.constantFrom(...CAUSES),
                summary: text,
                status: fc.integer({ min: 100, max: 599 }),
                body: text,
              },
              { requiredKeys: ['kind', 'summary'] },
            ),
            at: fc.integer({ min: 0 }),
            attempts: fc.nat(),
          },
          {
            requiredKeys: [
              'delivery',
              'position',
              'source',
              'receivedAt',
              'records',
              'metadata',
              'body',
              'cause',
              'at',
              'attempts',
            ],
          },
        )
        .map(({ source, receivedAt, records, metadata, body, erased, ...rest }): DeadLetter => {
          const entry = { position: rest.position, source, receivedAt, records, metadata, body };
          return { ...rest, entry: { ...entry, ...(erased && { erased }) } };
        });
      const all = new Map<string, DeadLetter>();
      await fc.assert(
        fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 5 }), async (letters) => {
          await store.put(letters);
          for (const one of letters) all.set(JSON.stringify(keyOf(one)), one);
        }),
        { numRuns: 30 },
      );
      assert.equal(store.list().length, all.size);
      for (const one of all.values()) {
        assert.deepEqual(plain(await store.get(keyOf(one))), plain(one));
        const { bytes: size, ...info } =
          store.list().find((found) => found.delivery === one.delivery && found.position === one.position) ??
          assert.fail();
        assert.ok(size >= one.entry.body.length + (one.sent?.length ?? 0));
        assert.deepEqual(info, {
          ...keyOf(one),
          kind: one.cause.kind,
          at: one.at,
          attempts: one.attempts,
          records: one.entry.records,
          retrying: false,
        });
      }
    });

    test('keep no reference to the bytes that were put', async (t) => {
      const { store } = await open(t);
      const body = Buffer.from('as it came');
      const sent = Buffer.from('as it went');
      const before = letter(1, { entry: { ...letter(1).entry, body: Buffer.from(body) }, sent: Buffer.from(sent) });
      const put = store.put([letter(1, { entry: { ...letter(1).entry, body }, sent })]);
      body.fill(0);
      sent.fill(0);
      await put;
      assert.deepEqual(plain(await store.get(keyOf(before))), plain(before));
    });

    test('are listed in order of delivery and position', async (t) => {
      const { store } = await open(t);
      await store.put([letter(10, { delivery: 'b' }), letter(9, { delivery: 'b' }), letter(11, { delivery: 'a' })]);
      await store.put([letter(100, { delivery: 'B' }), letter(1, { delivery: 'b' })]);
      assert.deepEqual(
        store.list().map(({ delivery, position }) => `${delivery}${position}`),
        ['B100', 'a11', 'b1', 'b9', 'b10'],
      );
    });

    test('are replaced by a later one for the same entry and delivery, which is not to be sent again', async (t) => {
      const { store } = await open(t);
      const [old, renewed, other] = [letter(1), letter(1, { attempts: 9 }), letter(1, { delivery: 'other' })];
      await store.put([old, other]);
      await store.retry([keyOf(old), keyOf(other)]);
      await store.put([renewed]);
      assert.deepEqual(await everything(store), expected([renewed, other], [other]));
      const [first, second] = [letter(2), letter(2, { attempts: 7 })];
      await store.put([first, second]);
      assert.deepEqual(await everything(store), expected([renewed, second, other], [other]));
    });

    test('that are to be sent again say so until they are put or removed', async (t) => {
      const { store } = await open(t);
      await store.put([letter(1), letter(2), letter(3)]);
      const keys = [letter(3), letter(9), letter(1), letter(3), letter(1, { delivery: 'nobody' })].map(keyOf);
      assert.deepEqual(await store.retry(keys), [keyOf(letter(3)), keyOf(letter(1))]);
      assert.deepEqual(await store.retry([keyOf(letter(3))]), [keyOf(letter(3))]);
      assert.deepEqual(await store.retry([]), []);
      assert.deepEqual(
        store.list().map(({ position, retrying }) => [position, retrying]),
        [
          [1, true],
          [2, false],
          [3, true],
        ],
      );
    });

    test('can be removed, and those that are not there as well', async (t) => {
      const { store } = await open(t);
      await store.put([letter(1), letter(2), letter(1, { delivery: 'other' })]);
      await store.remove([keyOf(letter(1)), keyOf(letter(1)), keyOf(letter(7))]);
      await store.remove([]);
      assert.equal(await store.get(keyOf(letter(1))), undefined);
      assert.deepEqual(await everything(store), expected([letter(2), letter(1, { delivery: 'other' })]));
    });

    test('go with their delivery when it is renamed, and take the place of what the new name had', async (t) => {
      const { store } = await open(t);
      await store.put([
        letter(1),
        letter(2),
        letter(2, { delivery: 'new', attempts: 5 }),
        letter(3, { delivery: 'new' }),
      ]);
      await store.retry([keyOf(letter(1))]);
      await store.rename(DELIVERY, 'new');
      await store.rename('nobody', 'new');
      await store.rename('new', 'new');
      const moved = [1, 2, 3].map((number) => letter(number, { delivery: 'new' }));
      assert.deepEqual(await everything(store), expected(moved, moved.slice(0, 1)));
      assert.equal(await store.get(keyOf(letter(1))), undefined);
      await store.put([letter(1)]);
      await store.remove([keyOf(moved[0] as DeadLetter)]);
      assert.deepEqual(await everything(store), expected([letter(1), ...moved.slice(1)]));
    });

    test('of entries that match are erased and counted', async (t) => {
      const { store } = await open(t);
      await store.put([1, 2, 3, 4].map((number) => letter(number)));
      await store.put([letter(3, { delivery: 'other' })]);
      const seen: number[] = [];
      const erased = await store.erase(({ position, metadata }) => {
        seen.push(position);
        return Number(metadata.number) >= 3;
      });
      assert.equal(erased, 3);
      assert.ok([1, 2, 3, 4].every((position) => seen.includes(position)));
      assert.deepEqual(await everything(store), expected([letter(1), letter(2)]));
      assert.equal(await store.erase(({ position }) => position >= 3), 0);
    });

    test('are deleted at their age, loudly, but for those that are to be sent again', async (t) => {
      const { store, clock, errors } = await open(t, { maxAgeMs: HOUR_MS });
      await store.put([letter(0), letter(1), letter(2), letter(1, { delivery: 'other' }), letter(5_000)]);
      await store.retry([keyOf(letter(1))]);
      await clock.advance(HOUR_MS + 2);
      await store.maintain();
      assert.deepEqual([positions(store), positions(store, 'other'), errors().length], [[1, 2, 5_000], [], 1]);
      assert.equal(store.status().expired, 2);
      assert.deepEqual(errors()[0]?.fields, { letters: 2, deliveries: [`${DELIVERY}: 1`, 'other: 1'] });

      await clock.advance(1);
      await store.maintain();
      assert.deepEqual([positions(store), store.status().expired, errors().length], [[1, 5_000], 3, 1]);
      await clock.advance(60_000);
      await store.maintain();
      assert.deepEqual(errors()[1]?.fields, { letters: 2, deliveries: [`${DELIVERY}: 2`] });
      assert.deepEqual(positions(store), [1]);
      // Put again, it has its age from then.
      await store.put([letter(1, { at: clock.now() })]);
      await store.maintain();
      assert.deepEqual(positions(store), [1]);
    });

    test('without a limit of age are kept for ever', async (t) => {
      const { store, clock, errors } = await open(t);
      await store.put([letter(1)]);
      await clock.advance(1_000 * 365 * 24 * HOUR_MS);
      await store.maintain();
      assert.deepEqual([positions(store), store.status().expired, errors()], [[1], 0, []]);
    });

    test('beyond the limit of size are refused in words, all of a put, until some are removed', async (t) => {
      const { store } = await open(t, { maxBytes: 1024 * 1024 });
      let number = 1;
      while (!store.status().full) {
        assert.ok(number < 30);
        const before = positions(store);
        await store.put([sized(number, 50_000), sized(number + 1, 50_000)]).catch((error) => {
          assert.deepEqual([error.name, error.code], ['JournalError', 'full']);
          assert.match(
            error.message,
            /of at most 1048576 bytes.*dead-letters retry.*export.*discard.*dead_letters::max_bytes/,
          );
          assert.deepEqual(positions(store), before);
        });
        number += 2;
      }
      const { letters, bytes, maxBytes } = store.status();
      assert.ok(letters >= 16 && letters === positions(store).length);
      assert.ok(bytes <= maxBytes && bytes > maxBytes - 150_000);
      const [first] = positions(store) as [number];
      assert.deepEqual(plain(await store.get(keyOf(letter(first)))), plain(sized(first, 50_000)));

      await store.remove(
        positions(store)
          .slice(0, 10)
          .map((position) => ({ delivery: DELIVERY, position })),
      );
      await store.maintain();
      await store.put([sized(100, 50_000), sized(101, 50_000)]);
      assert.deepEqual([store.status().full, positions(store).slice(-2)], [false, [100, 101]]);
    });

    test('of two times 5 MiB are kept', async (t) => {
      const { store } = await open(t);
      const size = 5 * 1024 * 1024;
      const large = sized(1, size, {
        sent: Buffer.alloc(size, 7),
        cause: { kind: 'too_large', summary: '413', body: 'x'.repeat(65_536) },
      });
      await store.put([large, letter(2)]);
      const found = await store.get(keyOf(large));
      assert.ok(found?.sent && Buffer.from(found.sent).equals(large.sent as Buffer));
      assert.ok(Buffer.from(found.entry.body).equals(large.entry.body as Buffer));
      assert.deepEqual(plain(await store.get(keyOf(letter(2)))), plain(letter(2)));
    });

    test('are changed in the order in which that was asked for, whoever waits', async (t) => {
      const { store } = await open(t);
      const [first, second] = [letter(1), letter(1, { attempts: 2 })];
      const key = keyOf(first);
      const results = await Promise.all([
        store.put([first]),
        store.remove([key]),
        store.put([letter(2)]),
        store.retry([key]),
        store.put([second]),
        store.retry([key]),
        store.rename(DELIVERY, 'new'),
        store.retry([key]),
      ]);
      assert.deepEqual([results[3], results[5], results[7]], [[], [key], []]);
      const [one, two] = [letter(1, { delivery: 'new', attempts: 2 }), letter(2, { delivery: 'new' })];
      assert.deepEqual(await everything(store), expected([one, two], [one]));
    });
  });
}

suite('in memory', async (_, limits, clock, log) => memoryDeadLetters(limits, clock, log));
suite('on disk', (t, limits, clock, log) => setting(t).open({ limits, clock, log }));
suite('on disk in small segments', (t, limits, clock, log) =>
  setting(t).open({ limits, clock, log, segmentBytes: 6_000 }));
