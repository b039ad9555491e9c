/** Records of every kind for the encoders' tests, and what a decoder must make of their values. */
import fc from 'fast-check';
import { type Resource, resourceFromAttributes } from '../../../src/otel.ts';
import { LogRecord, type LogRecordFields } from '../../../src/record/log-record.ts';
import { setOwn, type Value } from '../../../src/record/value.ts';
import { integer } from './foreign.ts';

export const resource: Resource = resourceFromAttributes({ 'service.name': 'support' });
export const scope = { name: 'test', version: '1.0' };

export function record(fields: Partial<LogRecordFields> = {}): LogRecord {
  return new LogRecord({ hrTime: [0, 0], hrTimeObserved: [0, 0], resource, instrumentationScope: scope, ...fields });
}

/** Any text, lone surrogates too. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', 'a\udc00b', '😀', 'x'.repeat(300)),
);
const key = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', '', 'constructor'));

export const values = fc.letrec<{ value: Value; map: Record<string, Value> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(-(2n ** 66n), 2n ** 66n),
    fc.constantFrom(-0, 2 ** 53, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 63n, 127, 128, 16_383, 16_384),
    fc.uint8Array(),
    fc.array(tie('value')),
    tie('map'),
  ),
  map: fc.array(fc.tuple(key, tie('value'))).map((entries) => {
    const map: Record<string, Value> = {};
    for (const [name, value] of entries) setOwn(map, name, value);
    return map;
  }),
}));

/** What arrives of a value: absence is null, integers that fit are integers, the rest doubles, texts well-formed. */
export function arriving(value: Value): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? integer(value) : Number(value);
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(arriving);
  const map: Record<string, Value> = {};
  for (const [name, member] of Object.entries(value)) setOwn(map, wellFormed(name), arriving(member as Value));
  return map;
}

function wellFormed(value: string): string {
  return Buffer.from(value).toString();
}
