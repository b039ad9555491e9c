import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { parseJson } from '../../src/record/json.ts';
import type { Value } from '../../src/record/value.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

function read(text: string): Value {
  const parsed = parse(text);
  assert.ok(parsed.ok, `${text} is JSON`);
  return parsed.value;
}

test('parseJson takes exactly what JSON.parse takes', () => {
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    // JSON with one character changed, dropped or added.
    fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '0', '\\', ' '), fc.nat(1))
      .map(([json, at, put, cut]) => {
        const i = at % (json.length + 1);
        return json.slice(0, i) + put + json.slice(i + cut);
      }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        const parsed = parse(text);
        assert.equal(parsed.ok, false);
        if (!parsed.ok) assert.deepEqual([parsed.reason, parsed.text], ['not_json', Buffer.from(text).toString()]);
        return;
      }
      assert.deepEqual(withoutBigInts(read(text)), expected);
    }),
    { numRuns: 500 },
  );
});

test('integers are exact up to int64, and doubles beyond', () => {
  const cases: [string, Value][] = [
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 2 ** 63],
    ['-9223372036854775809', -(2 ** 63)],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['12345678901234567.0', 12345678901234568],
    ['12345678901234567e1', Number('12345678901234567e1')],
    ['0.12345678901234567890', 0.12345678901234568],
    ['1e400', Number.POSITIVE_INFINITY],
    ['-0', -0],
    ['"9007199254740993"', '9007199254740993'],
  ];
  for (const [text, expected] of cases) {
    assert.ok(Object.is(read(text), expected), text);
    assert.deepEqual(read(` [ ${text} ,{"k" : ${text}\n}] `), [expected, { k: expected }]);
  }
});

test('a text with long integers is otherwise read as JSON.parse reads it', () => {
  const long = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
  fc.assert(
    fc.property(fc.jsonValue(), long, fc.constantFrom(undefined, 1, '\t'), (value, integer, indent) => {
      const text = JSON.stringify([value, 'HERE', { '': value }], null, indent).replace('"HERE"', String(integer));
      const [first, exact, last] = read(text) as Value[];
      assert.equal(BigInt(exact as number | bigint), integer);
      const [expectedFirst, , expectedLast] = JSON.parse(text);
      assert.deepEqual([first, last].map(withoutBigInts), [expectedFirst, expectedLast]);
    }),
  );
});

test('odd keys: __proto__ and the empty one are kept, the last of equal ones wins', () => {
  for (const extra of ['', ', "n": 9007199254740993']) {
    const value = read(`{"__proto__": {"admin": true}, "": 1, "a": 1, "constructor": 2, "\\u0061": 3${extra}}`);
    assert.ok(value && typeof value === 'object' && !Array.isArray(value));
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(
      Object.keys(value).filter((key) => key !== 'n'),
      ['__proto__', '', 'a', 'constructor'],
    );
    assert.equal(Object.entries(value).find(([key]) => key === 'a')?.[1], 3);
    assert.equal(({} as Record<string, unknown>).admin, undefined);
  }
});

test('a byte order mark is skipped, and not part of a text either', () => {
  assert.deepEqual(read('\ufeff{"a":1}'), { a: 1 });
  assert.deepEqual(parse('\ufeffhello'), { ok: false, reason: 'not_json', text: 'hello' });
  assert.equal(parse('\ufeff').ok, false);
});

test('invalid UTF-8 is text with replacement characters', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
  assert.deepEqual(parseJson(bytes), { ok: false, reason: 'not_utf8', text: '{"a":"\ufffd\ufffd"}' });
});

test('depth is bounded, brackets in strings are not depth', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(parse(nested(64)).ok, true);
  assert.deepEqual(parse(nested(65)), { ok: false, reason: 'too_deep', text: nested(65) });
  assert.equal(parseJson(Buffer.from(nested(3)), { maxDepth: 2 }).ok, false);
  assert.deepEqual(read(`["${'['.repeat(100)}\\"${'{'.repeat(100)}"]`), [`${'['.repeat(100)}"${'{'.repeat(100)}`]);
});

test('strings of every length end where JSON ends them', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  for (let length = 0; length < 40; length++) {
    // Quotes, backslashes and brackets at the end, so that a wrong end makes what follows too deep, or hides that it is.
    for (const end of [
      '',
      '"',
      '\\',
      '\\\\',
      '\\"',
      '"\\',
      '[',
      '"[',
      '[\\"[',
      'x'.repeat(40),
      `${'x'.repeat(40)}\\"[`,
    ]) {
      const string = JSON.stringify('x'.repeat(length) + end);
      assert.equal(parse(`[${string},${nested(63)},${string}]`).ok, true, string);
      const deep = parse(`[${string},${nested(64)}]`);
      assert.equal(deep.ok ? 'ok' : deep.reason, 'too_deep', string);
    }
  }
});

test('a long integer is seen wherever it begins', () => {
  for (let before = 0; before < 40; before++) {
    const padding = ' '.repeat(before);
    assert.deepEqual(read(`${padding}9007199254740993`), 9007199254740993n);
    assert.deepEqual(read(`[${padding}-9007199254740993,${padding}123456789012345]`), [
      -9007199254740993n,
      123456789012345,
    ]);
  }
});

test('a view into a larger buffer is read alone', () => {
  const buffer = Buffer.from('xx{"a":1}yy');
  assert.deepEqual(parseJson(new Uint8Array(buffer.buffer, buffer.byteOffset + 2, 7)), { ok: true, value: { a: 1 } });
});

test('5 MiB of brackets are read, decoded and encoded within a memory ceiling', async () => {
  const script = fileURLToPath(new URL('hostile-json.process.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=256', script]);
  const { outcomes, maxRssMiB } = JSON.parse(stdout);
  assert.deepEqual(outcomes, {
    'open brackets': 'too_deep',
    'nested objects': 'too_deep',
    'closed after 5 MiB': 'too_deep',
    'empty arrays': 'ok',
    'empty objects': 'ok',
    zeros: 'ok',
    'long integers': 'ok',
    'many keys': 'ok',
    quotes: 'not_json',
    'one string': 'ok',
  });
  assert.ok(maxRssMiB < 640, `${maxRssMiB} MiB resident at most`);
});

function withoutBigInts(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutBigInts(member)]));
}
