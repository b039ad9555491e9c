import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Scalar, scanTopLevel } from '../../src/record/json.ts';

const KEYS = ['id', 'app_id', 'topic', 'created_at'] as const;
const NOTHING = { id: undefined, app_id: undefined, topic: undefined, created_at: undefined };
const scan = (text: string) => scanTopLevel(Buffer.from(text), KEYS);

/** What JSON.parse says of the same members. */
function expected(text: string): Record<string, Scalar> {
  const value = JSON.parse(text);
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const scalar = (member: unknown) =>
    typeof member === 'string' || typeof member === 'number' || member === null ? member : undefined;
  return Object.fromEntries(KEYS.map((key) => [key, isMap ? scalar(value[key]) : undefined]));
}

/** Long integers come as their digits: as numbers they are JSON.parse's again. */
function scanned(text: string): Record<string, Scalar> {
  const long = (value: Scalar, known: Scalar) =>
    typeof value === 'string' && typeof known === 'number' ? Number(value) : value;
  const known = expected(text);
  return Object.fromEntries(Object.entries(scan(text)).map(([key, value]) => [key, long(value, known[key])]));
}

/** Longer than what is looked at byte by byte, with escapes in every place. */
const longText = fc
  .array(fc.constantFrom('\\', '"', 'é', '\n', 'a'.repeat(61), 'b'.repeat(63), 'c'.repeat(200)), { maxLength: 12 })
  .map((parts) => parts.join(''));
const key = fc.oneof(fc.constantFrom<string>(...KEYS), fc.string());
/** A key as someone may write it: some characters escaped. */
const writtenKey = fc.tuple(key, fc.nat()).map(([text, bits]) => {
  const escaped = [...text].map((character, i) =>
    character.length === 1 && (bits >> (i % 30)) & 1
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(character).slice(1, -1),
  );
  return `"${escaped.join('')}"`;
});
const written = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value, null, '\t')),
  longText.map((value) => JSON.stringify(value)),
  longText.map((value) => JSON.stringify({ id: [value, { topic: value }] })),
  fc.constantFrom('1.5e3', '-0', 'true', 'null', '""', '"\\ud800"', '"é\\n"', '{"id":"inner"}', '[{"id":1}]', '"}"'),
);
/** Members with equal keys too, and white space anywhere. */
const object = fc
  .tuple(fc.array(fc.tuple(writtenKey, written)), fc.constantFrom('', ' ', '\r\n\t'))
  .map(([members, space]) =>
    [
      space,
      '{',
      members.map(([name, value]) => [name, ':', value].join(space)).join(`${space},${space}`),
      '}',
      space,
    ].join(space),
  );

test('scanTopLevel agrees with JSON.parse on every object', () => {
  fc.assert(
    fc.property(object, (text) => {
      assert.deepEqual(scanned(text), expected(text));
      assert.deepEqual(scan(`\ufeff${text}`), scan(text));
    }),
    { numRuns: 1000 },
  );
});

test('scanTopLevel agrees with JSON.parse on values that are no objects', () => {
  fc.assert(
    fc.property(
      written.filter((text) => !text.startsWith('{')),
      (text) => assert.deepEqual(scan(text), NOTHING),
    ),
  );
});

test('nothing is found in an object that is cut short', () => {
  fc.assert(
    fc.property(object, fc.nat(), (text, cut) => {
      const whole = text.trimEnd();
      assert.deepEqual(scan(whole.slice(0, cut % whole.length)), NOTHING);
    }),
  );
});

test('bytes of any kind do no harm', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), object, fc.nat(), (bytes, text, at) => {
      const spoilt = Buffer.from(text);
      const i = at % spoilt.length;
      const mixed = Buffer.concat([spoilt.subarray(0, i), bytes, spoilt.subarray(i)]);
      for (const value of Object.values(scanTopLevel(mixed, KEYS))) {
        assert.ok(value === undefined || value === null || typeof value === 'string' || typeof value === 'number');
      }
    }),
  );
});

test('a long integer keeps its digits, so that two ids never become one', () => {
  assert.equal(scan('{"id":9007199254740993}').id, '9007199254740993');
  assert.equal(scan('{"id":9007199254740991}').id, 9007199254740991);
  assert.equal(scan('{"id":1e300}').id, 1e300);
});

test('something after the object, or a comma too many, and nothing is found', () => {
  for (const text of [
    '{"id":"a"}x',
    '{"id":"a"}{}',
    '{"id":"a",}',
    '{,"id":"a"}',
    '{"id" "a"}',
    '{"id":}',
    '{"id":"a"]',
    '{"id":"a","x":1"y"}',
    '{"id":"a","x":1{}',
    `{"id":"a","x":"${'y'.repeat(100)}\\"}`,
  ]) {
    assert.deepEqual(scan(text), NOTHING, text);
  }
  assert.equal(scan('{"id":01,"topic":"t"}').id, undefined);
});
