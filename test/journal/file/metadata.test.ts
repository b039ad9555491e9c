import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMetadata, encodeMetadata, Origins } from '../../../src/journal/file/metadata.ts';

/** Texts that look like what stands around them, lone surrogates, and what takes several bytes. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'k',
    '},"k":"',
    '"},"k":"x"}',
    '\\',
    '\\"',
    '}',
    '\u0000',
    '\ud800',
    'é',
    '\u2028',
    '__proto__',
    'toJSON',
  ),
  fc.string({ unit: 'binary' }),
);
const metadata = fc.dictionary(text, text, { maxKeys: 4 });
const key = fc.option(text, { nil: undefined });

test('metadata is written alike whether it is frozen or not, and read as it was, with a memory or without', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, metadata, fc.array(key, { minLength: 1, maxLength: 3 })), { maxLength: 8 }),
      (all) => {
        const origins = new Origins();
        const frozen = new Map(all.map(([, one]) => [one, Object.freeze({ ...one })]));
        for (const [source, one, keys] of [...all, ...all]) {
          for (const dedupKey of keys) {
            const written = encodeMetadata({ source, metadata: one, dedupKey });
            assert.equal(encodeMetadata({ source, metadata: frozen.get(one) ?? one, dedupKey }), written);
            assert.equal(written, JSON.stringify({ s: source, m: one, k: dedupKey }));
            const bytes = Buffer.from(written);
            const { s, m, k } = JSON.parse(written);
            assert.deepEqual(decodeMetadata(bytes), { source: s, metadata: m, dedupKey: k });
            assert.deepEqual(origins.of(bytes), { source: s, metadata: m });
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('equal metadata is read as one object that nobody can change, also when there was much else in between', () => {
  const origins = new Origins();
  const read = (name: string, dedupKey: string) =>
    origins.of(Buffer.from(encodeMetadata({ source: 'intercom', metadata: { name }, dedupKey })));
  const first = read('first', 'a');
  assert.equal(read('first', 'b').metadata, first.metadata);
  assert.throws(() => Object.assign(first.metadata, { name: 'another' }), TypeError);
  for (let i = 0; i < 1000; i++) assert.deepEqual(read(`other ${i}`, 'a').metadata, { name: `other ${i}` });
  assert.deepEqual(read('first', 'c'), first);
  const long = 'x'.repeat(5000);
  assert.deepEqual(read(long, 'a').metadata, { name: long });
});
