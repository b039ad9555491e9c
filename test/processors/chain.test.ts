import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chain, type ChainBuilder } from '../../src/delivery/chain.ts';
import { type LogRecordProcessor, resourceFromAttributes, SimpleLogRecordProcessor } from '../../src/otel.ts';
import { createAttributesProcessor } from '../../src/processors/attributes/attributes.ts';
import { config } from '../../src/processors/attributes/config.ts';
import { chainSdkProcessor } from '../../src/processors/sdk-processor.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import type { Value } from '../../src/record/value.ts';

const record = (attributes: Record<string, Value> = {}) =>
  new LogRecord({
    hrTime: [1, 0],
    hrTimeObserved: [1, 0],
    body: 'x',
    resource: resourceFromAttributes({}),
    instrumentationScope: { name: 't' },
    attributes,
  });

const attributes = (actions: object[]): ChainBuilder => {
  const settings = config.parse({ actions });
  return (next) => createAttributesProcessor(settings, next);
};
const after = (builder: ChainBuilder, given: Record<string, Value> = {}) =>
  new Chain(builder, assert.fail).run([record(given)])[0]?.attributes;

describe('a chain of processors', () => {
  it('takes one of ours and one written for the OTel JS SDK, in order', () => {
    // As people write them for the SDK: no next, changes the record in place.
    const stamp: LogRecordProcessor = {
      onEmit: (given) => void given.setAttribute('stamp', `${given.attributes.first} seen`),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const first = attributes([{ key: 'first', value: 'one', action: 'insert' }]);
    const last = attributes([{ key: 'last', from_attribute: 'stamp', action: 'insert' }]);
    const chain = new Chain((next) => first(chainSdkProcessor(stamp, last(next))), assert.fail);
    const out = chain.run([record(), record()]);
    assert.equal(out.length, 2);
    for (const { attributes: got } of out) assert.deepEqual(got, { first: 'one', stamp: 'one seen', last: 'one seen' });
  });

  it("takes the SDK's own SimpleLogRecordProcessor with an exporter as a tap", async () => {
    const tapped: unknown[] = [];
    const tap = new SimpleLogRecordProcessor({
      exporter: {
        export: (records, done) => {
          tapped.push(...records.map(({ body }) => body));
          done({ code: 0 });
        },
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    });
    const chain = new Chain((next) => chainSdkProcessor(tap, next), assert.fail);
    assert.equal(chain.run([record()]).length, 1);
    await chain.shutdown();
    assert.deepEqual(tapped, ['x']);
  });

  it('gives nothing of an entry whose processing threw to the next one', () => {
    const chain = new Chain(
      (next) => ({
        ...next,
        onEmit(given) {
          next.onEmit(given);
          if (given.attributes.bad) throw new Error('no');
        },
      }),
      assert.fail,
    );
    assert.throws(() => chain.run([record(), record({ bad: true })]));
    assert.equal(chain.run([record()]).length, 1);
  });
});

it('a record that a processor forwards too late is told', () => {
  let late: () => void = () => {};
  let strays = 0;
  const chain = new Chain(
    (next) => ({
      ...next,
      onEmit(given) {
        late = () => next.onEmit(given);
      },
    }),
    () => strays++,
  );
  assert.deepEqual(chain.run([record()]), []);
  late();
  assert.equal(strays, 1);
  assert.deepEqual(chain.run([record()]), []);
});

describe('the processor `attributes`', () => {
  it('inserts what is missing, updates what is there, upserts both', () => {
    const actions = ['insert', 'update', 'upsert'].flatMap((action) => [
      { key: `${action}.there`, value: 'new', action },
      { key: `${action}.missing`, value: 'new', action },
    ]);
    const given = { 'insert.there': 'old', 'update.there': 'old', 'upsert.there': 'old' };
    assert.deepEqual(after(attributes(actions), given), {
      'insert.there': 'old',
      'insert.missing': 'new',
      'update.there': 'new',
      'upsert.there': 'new',
      'upsert.missing': 'new',
    });
  });

  it('takes values of any scalar type, and of another attribute; nothing happens without it', () => {
    const actions = [
      { key: 'n', value: 7, action: 'insert' },
      { key: 'b', value: false, action: 'insert' },
      { key: 'copy', from_attribute: 'n', action: 'UPSERT' },
      { key: 'none', from_attribute: 'nowhere', action: 'upsert' },
    ];
    assert.deepEqual(after(attributes(actions)), { n: 7, b: false, copy: 7 });
  });

  it('deletes, and hashes with SHA-256', () => {
    const actions = [
      { key: 'gone', action: 'delete' },
      { key: 'user.id', action: 'hash' },
      { key: 'absent', action: 'hash' },
    ];
    const hashed = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.deepEqual(after(attributes(actions), { gone: 1, 'user.id': 'abc' }), { 'user.id': hashed });
  });

  it('treats __proto__ as a key like others', () => {
    const got = after(attributes([{ key: '__proto__', value: 'x', action: 'insert' }])) ?? {};
    assert.deepEqual(Object.entries(got), [['__proto__', 'x']]);
    assert.equal(Object.getPrototypeOf(got), Object.prototype);
  });

  it('refuses actions that make no sense', () => {
    const wrong = [
      { key: 'a', action: 'insert' },
      { key: 'a', action: 'insert', value: 1, from_attribute: 'b' },
      { key: 'a', action: 'delete', value: 1 },
      { key: 'a', action: 'explode' },
      { action: 'delete' },
      { key: '', action: 'delete' },
    ];
    for (const action of wrong)
      assert.equal(config.safeParse({ actions: [action] }).success, false, JSON.stringify(action));
    assert.equal(config.safeParse({ actions: [] }).success, false);
  });
});
