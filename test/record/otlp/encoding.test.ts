/** Both encodings against decoders that are not ours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type HrTime, resourceFromAttributes, type SpanContext } from '../../../src/otel.ts';
import type { LogRecord } from '../../../src/record/log-record.ts';
import { encodeLogRecordJson, encodeLogsRequestJson } from '../../../src/record/otlp/json.ts';
import { encodeLogRecord, encodeLogsRequest } from '../../../src/record/otlp/protobuf.ts';
import type { Value } from '../../../src/record/value.ts';
import { decodeJson, decodeProtobuf, type ForeignRecord, groupSizes } from './foreign.ts';
import { arriving, record, resource, scope, values } from './records.ts';

const encodings = [
  { name: 'protobuf', one: encodeLogRecord, encode: encodeLogsRequest, decode: decodeProtobuf },
  { name: 'JSON', one: encodeLogRecordJson, encode: encodeLogsRequestJson, decode: decodeJson },
];

for (const { name, one, encode, decode } of encodings) {
  const roundTrip = (sent: LogRecord): ForeignRecord => {
    const [received, ...others] = decode(encode([sent]));
    assert.ok(received && others.length === 0);
    return received;
  };

  test(`${name}: body and attributes arrive as they were`, () => {
    fc.assert(
      fc.property(values.value, values.map, (body, attributes) => {
        const received = roundTrip(record({ body, attributes }));
        assert.deepEqual(received.body, body === null || body === undefined ? undefined : arriving(body));
        assert.deepEqual(received.attributes, arriving(attributes));
      }),
      { numRuns: 300 },
    );
  });

  test(`${name}: times are exact to the nanosecond, and 0 where OTLP has no such time`, () => {
    const times: [HrTime, string][] = [
      [[1619424689, 0], '1619424689000000000'],
      [[1619424689, 123456789], '1619424689123456789'],
      [[4294967296, 1], '4294967296000000001'],
      [[18446744073, 709551615], '18446744073709551615'],
      [[18446744073, 709551616], '0'],
      [[0, 0], '0'],
      [[-1, 0], '0'],
      [[Number.NaN, 0], '0'],
      [[1.5, 0], '0'],
    ];
    for (const [time, nanos] of times) {
      const received = roundTrip(record({ hrTime: time, hrTimeObserved: time }));
      assert.deepEqual([received.timeUnixNano, received.observedTimeUnixNano], [nanos, nanos]);
    }
    const odd = record();
    (odd as { hrTime: unknown }).hrTime = new Date();
    assert.equal(roundTrip(odd).timeUnixNano, '0');
  });

  test(`${name}: severity, event name, flags, trace context and dropped count arrive`, () => {
    const sent = record({ severityNumber: 17, severityText: 'ERROR', eventName: 'intercom.ping' });
    sent.spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'B7AD6B7169203331', traceFlags: 1 };
    sent.flags = 0x80000100;
    sent.droppedAttributesCount = 3;
    const received = roundTrip(sent);
    assert.equal(received.severityNumber, 17);
    assert.equal(received.severityText, 'ERROR');
    assert.equal(received.eventName, 'intercom.ping');
    assert.equal(received.flags, 0x80000101);
    assert.equal(received.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(received.spanId, 'b7ad6b7169203331');
    assert.equal(received.droppedAttributesCount, 3);
  });

  test(`${name}: ids that are none are not written`, () => {
    const sent = record();
    sent.spanContext = { traceId: '0'.repeat(32), spanId: 'not hexadecimal!', traceFlags: 0 } satisfies SpanContext;
    assert.deepEqual([roundTrip(sent).traceId, roundTrip(sent).spanId], ['', '']);
  });

  test(`${name}: numbers that OTLP has no room for are bounded`, () => {
    for (const [count, written] of [
      [-1, 0],
      [Number.NaN, 0],
      [0.5, 0],
      [2 ** 40, 2 ** 32 - 1],
    ] as const) {
      const sent = record({ body: 1 });
      (sent as { severityNumber: number }).severityNumber = -1;
      sent.droppedAttributesCount = count;
      const received = roundTrip(sent);
      assert.deepEqual([received.droppedAttributesCount, received.severityNumber, received.body], [written, 0, 1]);
    }
  });

  test(`${name}: records are grouped by identity of resource and scope`, () => {
    const other = resourceFromAttributes({ 'service.name': 'sales' });
    const otherScope = { name: 'other', schemaUrl: 'https://example.com/scope' };
    const sent = [
      record({ body: 1 }),
      record({ body: 2, resource: other }),
      record({ body: 3, instrumentationScope: otherScope }),
      record({ body: 4 }),
    ];
    const received = decode(encode(sent));
    assert.deepEqual(
      received.map(({ body, resource: of, scope: by }) => [body, of, by.name, by.version]),
      [
        [1, { 'service.name': 'support' }, 'test', '1.0'],
        [4, { 'service.name': 'support' }, 'test', '1.0'],
        [3, { 'service.name': 'support' }, 'other', ''],
        [2, { 'service.name': 'sales' }, 'test', '1.0'],
      ],
    );
    assert.deepEqual(
      received.map(({ scopeSchemaUrl }) => scopeSchemaUrl),
      ['', '', 'https://example.com/scope', ''],
    );
  });

  test(`${name}: a resource is mapped once a request, and what maps to one object is one group`, () => {
    const merged = resourceFromAttributes({ merged: true }, { schemaUrl: 'https://example.com/resource' });
    const twin = resourceFromAttributes({ 'service.name': 'support' });
    const asked: unknown[] = [];
    const sent = [record({ body: 1 }), record({ body: 2, resource: twin }), record({ body: 3 })];
    const mapping = {
      resource: (from: unknown) => {
        asked.push(from);
        return merged;
      },
    };
    const received = decode(encode(sent, mapping));
    assert.deepEqual(asked, [resource, twin]);
    assert.deepEqual(
      received.map(({ body }) => body),
      [1, 2, 3],
    );
    assert.deepEqual(
      received.map(({ resource: of }) => of),
      [{ merged: true }, { merged: true }, { merged: true }],
    );
    assert.equal(received[0]?.resourceSchemaUrl, 'https://example.com/resource');
    assert.deepEqual(
      sent.map((each) => each.resource),
      [resource, twin, resource],
      'the records are as they were',
    );
  });

  test(`${name}: keys that come back arrive as they did at first, however many there are`, () => {
    const odd = [
      '',
      'é',
      '\u{1f600}',
      '__proto__',
      'length',
      ...[27, 28, 29, 63, 64, 65, 127, 128].map((size) => 'k'.repeat(size)),
    ];
    const keys = [...odd, ...odd.map((key) => `${key}ü`), ...Array.from({ length: 3000 }, (_, i) => `key ${i}`)];
    const body = Object.fromEntries(keys.map((key, i) => [key, i]));
    assert.equal(Object.keys(body).length, keys.length);
    for (let time = 0; time < 2; time++) assert.deepEqual(roundTrip(record({ body })).body, arriving(body));
    assert.deepEqual(roundTrip(record({ body: { '\ud800': 1 } })).body, { '\ufffd': 1 });
    assert.deepEqual(roundTrip(record({ body: { '\ud800': 1 } })).body, { '\ufffd': 1 });
  });

  test(`${name}: a record is encoded once`, () => {
    const sent = record({ body: { a: 1 } });
    assert.equal(one(sent), one(sent));
  });

  test(`${name}: what is nested too deep is replaced by a text, the rest arrives`, () => {
    let deep: Value = 'bottom';
    for (let i = 0; i < 10_000; i++) deep = i % 2 ? [deep] : { in: deep };
    const received = roundTrip(record({ body: { deep, beside: 1 }, attributes: { deep } }));
    let here: Value = received.body;
    let levels = 0;
    while (typeof here === 'object' && here !== null) {
      const [next]: Value[] = Object.values(here);
      here = next;
      levels++;
    }
    assert.equal(here, '[omitted: nested deeper than 128 levels]');
    assert.equal(levels, 128);
    assert.equal((received.body as { beside: Value }).beside, 1);
  });

  test(`${name}: a value that contains itself ends somewhere, its companions arrive`, () => {
    const ring: Record<string, Value> = { name: 'ring' };
    ring.next = ring;
    const knot: Record<string, Value> = {};
    Object.assign(knot, { left: knot, right: knot });
    const received = decode(
      encode([record({ body: ring }), record({ body: knot, attributes: { a: 1 } }), record({ body: 3 })]),
    );
    assert.equal(Object.entries(received[0]?.body ?? {})[0]?.[1], 'ring');
    assert.equal(received[1]?.body, '[omitted: this record can not be encoded]');
    assert.equal(received[1]?.droppedAttributesCount, 1);
    assert.equal(received[2]?.body, 3);
  });

  test(`${name}: a value that throws spoils its own record only`, () => {
    const trap = {
      get boom(): never {
        throw new Error('no');
      },
    };
    const hidden = new Proxy({}, { ownKeys: () => assert.fail('no') });
    const sent = [
      record({ body: trap, eventName: 'kept' }),
      record({ body: 1, attributes: hidden }),
      record({ body: (() => 1) as unknown as Value }),
    ];
    const received = decode(encode(sent));
    assert.equal(received[0]?.body, '[omitted: this record can not be encoded]');
    assert.equal(received[0]?.eventName, 'kept');
    assert.equal(received[1]?.body, '[omitted: this record can not be encoded]');
    assert.equal(received[2]?.body, null, 'a function is no value');
  });

  test(`${name}: nothing is an empty request`, () => {
    assert.deepEqual(decode(encode([])), []);
  });
}

test('protobuf: groups are messages of their own', () => {
  const other = { name: 'other' };
  const sent = [
    record(),
    record({ instrumentationScope: other }),
    record(),
    record({ resource: resourceFromAttributes({}) }),
  ];
  assert.deepEqual(groupSizes(encodeLogsRequest(sent)), [[2, 1], [1]]);
  assert.equal(scope.name, 'test');
});

test('JSON: doubles and integers are written as protobuf JSON has them', () => {
  const body = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    1.5,
    2 ** 60,
    2n ** 60n,
    new Uint8Array([255]),
  ];
  const { logRecords } = JSON.parse(encodeLogsRequestJson([record({ body })]).toString()).resourceLogs[0].scopeLogs[0];
  assert.deepEqual(logRecords[0].body.arrayValue.values, [
    { doubleValue: 'NaN' },
    { doubleValue: 'Infinity' },
    { doubleValue: '-Infinity' },
    { doubleValue: -0 },
    { doubleValue: 1.5 },
    { doubleValue: 2 ** 60 },
    { intValue: '1152921504606846976' },
    { bytesValue: '/w==' },
  ]);
});

test('JSON: a record is one line', () => {
  const line = Buffer.from(encodeLogRecordJson(record({ body: 'a\nb\r\u2028' }))).toString();
  assert.ok(!/[\r\n]/.test(line));
});
