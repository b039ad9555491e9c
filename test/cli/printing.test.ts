import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bytesInWords, durationInWords, jsonText, printableLines, table, written } from '../../src/cli/printing.ts';

const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u;

describe('what is printed', () => {
  test('JSON means the same and has nothing that a terminal obeys', () => {
    assert.equal(jsonText('\u009b2J\u202e\u{e0041}\n'), '"\\u009b2J\\u202e\\udb40\\udc41\\n"');
    const points = fc.array(fc.integer({ min: 0, max: 0x10ffff }));
    const hostile = points.map((list) => String.fromCodePoint(...list));
    const values = fc.dictionary(hostile, fc.array(hostile), { noNullPrototype: true });
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = jsonText(value, indent);
        assert.doesNotMatch(text, UNSAFE);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('text keeps its lines, and shows what is not text', () => {
    assert.equal(printableLines('a\r\nb\tc\rd\u001b[2J'), 'a\nb  c\\u000dd\\u001b[2J');
  });

  test('numbers stand under each other, and nothing at the end of a line', () => {
    const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' as const }, { title: 'WHY' }];
    assert.deepEqual(
      table(columns, [
        ['a', '1,000', ''],
        ['long name', '2', 'x'],
      ]),
      ['NAME       COUNT  WHY', 'a          1,000', 'long name      2  x'],
    );
  });

  test('sizes and durations are in words that fit them', () => {
    assert.deepEqual([0, 999, 1000, 1024, 150 * 1024, 10 * 1024 ** 3].map(bytesInWords), [
      '0 bytes',
      '999 bytes',
      '1.0 KiB',
      '1.0 KiB',
      '150 KiB',
      '10.0 GiB',
    ]);
    assert.deepEqual([0, 2.54, 45, 60, 125, 3600, 12_000, 100_000].map(durationInWords), [
      '0 s',
      '2.5 s',
      '45 s',
      '1 min',
      '2 min 5 s',
      '1 h',
      '3 h 20 min',
      '1 d 3 h',
    ]);
  });

  test('waits for a slow reader, and stops for one that went away', async () => {
    const stream = new PassThrough({ highWaterMark: 4 });
    const slow = written(stream, 'more than fits');
    const early = await Promise.race([slow, new Promise((resolve) => setImmediate(() => resolve('waits')))]);
    assert.equal(early, 'waits');
    stream.resume();
    assert.equal(await slow, true);
    stream.pause();
    const gone = written(stream, 'more than fits');
    stream.destroy();
    assert.equal(await gone, false);
    assert.equal(await written(stream, 'x'), false);
  });
});
