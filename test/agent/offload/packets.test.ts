import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { packEntries, unpackEntries } from '../../../src/agent/offload/entries.ts';
import { RecordPacker, RecordUnpacker } from '../../../src/agent/offload/records.ts';
import type { Entry } from '../../../src/journal/journal.ts';
import { type Resource, resourceFromAttributes } from '../../../src/otel.ts';
import { LogRecord } from '../../../src/record/log-record.ts';
import { encodeLogsRequestJson } from '../../../src/record/otlp/json.ts';
import { encodeLogsRequest } from '../../../src/record/otlp/protobuf.ts';
import { RecordResource } from '../../../src/record/resource.ts';
import { Double, type Value } from '../../../src/record/value.ts';

const plain = (entries: readonly Entry[]) => entries.map((entry) => ({ ...entry, body: [...entry.body] }));

describe('entries on their way', () => {
  const entry = fc.record({
    position: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
    source: fc.constantFrom('intercom', 'intercom/b'),
    receivedAt: fc.double({ min: 0, max: 1e13, noNaN: true }),
    records: fc.integer({ min: 0, max: 3 }),
    metadata: fc.dictionary(fc.constantFrom('kind', 'integration'), fc.constantFrom('a', 'b'), {
      noNullPrototype: true,
    }),
    body: fc.uint8Array({ maxLength: 40 }),
  });

  it('arrive as they were', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        assert.deepEqual(plain(unpackEntries(structuredClone(packEntries(entries)))), plain(entries));
      }),
    );
  });

  it('say once what they have in common', () => {
    const one: Entry = {
      position: 1,
      source: 'a',
      receivedAt: 0,
      records: 1,
      metadata: { kind: 'x' },
      body: Buffer.from('1'),
    };
    assert.equal(packEntries([one, { ...one, position: 2 }, { ...one, source: 'b' }]).heads.length, 2);
  });
});

describe('records on their way back', () => {
  const scope = { name: 'test', version: '1' };
  const record = (body: Value, resource: Resource) =>
    new LogRecord({ ...{ hrTime: [5, 6], hrTimeObserved: [7, 8], resource, instrumentationScope: scope }, body });
  const trip = (
    packer: RecordPacker,
    unpacker: RecordUnpacker,
    made: (LogRecord[] | undefined)[],
    encoding: 'proto' | 'json' = 'proto',
  ) => unpacker.unpack(structuredClone(packer.pack(made, encoding, (records) => records)), encoding);

  it('make the same request, in each encoding', () => {
    const resources = [
      resourceFromAttributes({ 'service.name': 'a' }),
      new RecordResource({
        attributes: { n: new Double(1), deep: { list: [1n, 'x'] } },
        droppedAttributesCount: 2,
        schemaUrl: 'https://example.com/s',
      }),
    ];
    const bodies = fc.array(fc.tuple(fc.jsonValue(), fc.nat({ max: 1 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.constantFrom('proto', 'json'), (given, encoding) => {
        const records = given.map(([body, index]) => record(body as Value, resources[index] as Resource));
        const back = trip(new RecordPacker(), new RecordUnpacker(), [records], encoding)[0] as LogRecord[];
        const encode = encoding === 'proto' ? encodeLogsRequest : encodeLogsRequestJson;
        assert.deepEqual(encode(back), encode(records));
        assert.deepEqual(
          back.map(({ hrTime, hrTimeObserved }) => [hrTime, hrTimeObserved]),
          records.map(() => [
            [5, 6],
            [7, 8],
          ]),
        );
      }),
    );
  });

  it('share their resource as they did, from packet to packet', () => {
    const [packer, unpacker] = [new RecordPacker(), new RecordUnpacker()];
    const [a, b] = [resourceFromAttributes({ name: 'a' }), resourceFromAttributes({ name: 'b' })];
    const first = trip(packer, unpacker, [[record(1, a)], [record(2, b), record(3, a)]]).flatMap((made) => made ?? []);
    const second = trip(packer, unpacker, [[record(4, b)]]).flatMap((made) => made ?? []);
    const [one, two, three, four] = [...first, ...second].map(({ resource }) => resource);
    assert.equal(one, three);
    assert.equal(two, four);
    assert.notEqual(one, two);
    assert.equal(new Set([...first, ...second].map(({ instrumentationScope }) => instrumentationScope)).size, 1);
  });

  it('tell failed entries from filtered ones', () => {
    const made = trip(new RecordPacker(), new RecordUnpacker(), [
      undefined,
      [],
      [record(1, resourceFromAttributes({}))],
    ]);
    assert.deepEqual(
      made.map((records) => records?.length),
      [undefined, 0, 1],
    );
  });

  it('whose resource is no data, or whose time is none, are not made elsewhere, and harm no others', () => {
    const odd = record(1, {
      attributes: { f: (() => 1) as unknown as string },
      merge: () => odd.resource,
      getRawAttributes: () => [],
    });
    const timeless = record(2, resourceFromAttributes({}));
    timeless.hrTime = undefined as unknown as LogRecord['hrTime'];
    const good = record(3, resourceFromAttributes({ name: 'a' }));
    const [packer, unpacker] = [new RecordPacker(), new RecordUnpacker()];
    const made = trip(packer, unpacker, [[odd], [timeless], [good, odd], [good]]);
    assert.deepEqual(
      made.map((records) => records?.length),
      [undefined, undefined, undefined, 1],
    );
    assert.deepEqual(made[3]?.[0]?.resource.attributes, { name: 'a' });
    assert.deepEqual(trip(packer, unpacker, [[good]])[0]?.[0]?.resource, made[3]?.[0]?.resource);
  });

  it('may each have a resource of their own: numbers begin anew', () => {
    const [packer, unpacker] = [new RecordPacker(), new RecordUnpacker()];
    let begun = 0;
    for (let round = 0; round < 7; round++) {
      const records = Array.from({ length: 1600 }, (_, index) =>
        record(1, resourceFromAttributes({ name: `${round} ${index}` })),
      );
      const packet = packer.pack([records], 'proto', (one) => one);
      if (packet.anew) begun++;
      const back = unpacker.unpack(structuredClone(packet), 'proto')[0] as LogRecord[];
      assert.deepEqual(
        back.map(({ resource }) => resource.attributes),
        records.map(({ resource }) => resource.attributes),
      );
    }
    assert.equal(begun, 2);
  });

  it('may have large resources: no side keeps more than some megabytes of them', () => {
    const [packer, unpacker] = [new RecordPacker(), new RecordUnpacker()];
    const text = 'x'.repeat(300 * 1024);
    let known = 0;
    let most = 0;
    for (let round = 0; round < 20; round++) {
      const own = record(
        round,
        new RecordResource({ attributes: { text: `${round}${text}`, bytes: Buffer.from('a') } }),
      );
      const packet = packer.pack([[own]], 'proto', (one) => one);
      known = packet.resources.length + (packet.anew ? 0 : known);
      most = Math.max(most, known);
      const back = unpacker.unpack(structuredClone(packet), 'proto')[0] as LogRecord[];
      assert.equal(back[0]?.resource.attributes.text, `${round}${text}`);
    }
    assert.equal(most, 4);
  });

  it('take of bytes in their resource no more than those', () => {
    const bytes = new Uint8Array(1024 * 1024).subarray(0, 2);
    const packet = new RecordPacker().pack(
      [[record(1, new RecordResource({ attributes: { bytes } }))]],
      'proto',
      (one) => one,
    );
    const back = new RecordUnpacker().unpack(structuredClone(packet), 'proto')[0] as LogRecord[];
    const arrived = back[0]?.resource.attributes.bytes as unknown as Uint8Array;
    assert.deepEqual([...arrived], [0, 0]);
    assert.equal(arrived.buffer.byteLength, 2);
  });

  it('with a resource too deep for a message are not made elsewhere, and harm no others', () => {
    const nested = (depth: number): Value => {
      let value: Value = 1;
      for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
      return value;
    };
    const of = (depth: number) => record(1, new RecordResource({ attributes: { deep: nested(depth) } }));
    const made = trip(new RecordPacker(), new RecordUnpacker(), [[of(2000)], [of(128)], [of(20_000)], [of(1)]]);
    assert.deepEqual(
      made.map((records) => records?.length),
      [undefined, 1, undefined, 1],
    );
    assert.deepEqual(made[1]?.[0]?.resource.attributes, { deep: nested(128) });
  });
});
