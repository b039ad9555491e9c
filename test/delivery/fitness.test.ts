import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NO_RULES } from '../../src/config/blocks/delivery.ts';
import { type Fit, makeFit } from '../../src/delivery/fitness.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { hrTimeFromMillis, LogRecord } from '../../src/record/log-record.ts';
import { encodeLogsRequestJson } from '../../src/record/otlp/json.ts';
import type { Value } from '../../src/record/value.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { delivered, hold } from './backend.ts';
import { decode, harness, numbered, until } from './harness.ts';

const HOUR = 3600_000;
const resource = resourceFromAttributes({});
const weigh = (record: LogRecord) => encodeLogsRequestJson([record]).length;
const record = (body: Value, more: Partial<LogRecord> = {}) =>
  Object.assign(
    new LogRecord({
      ...{ hrTime: [1, 0], hrTimeObserved: [1, 0], resource, instrumentationScope: { name: 's' }, body },
      attributes: { a: 1 },
    }),
    more,
  );

describe('a record that is too old', () => {
  const tooOld = { maxAgeMs: 23 * HOUR };

  it('is restamped: it gets the present time, and keeps its own as an attribute', async (t) => {
    const scene = await harness({ rules: { ...tooOld, tooOld: 'restamp' } });
    t.after(scene.stop);
    const then = new Date(scene.clock.now() - 72 * HOUR).toISOString();
    await scene.appendOld(72 * HOUR, 'three days');
    await scene.appendOld(22 * HOUR, 'today');
    assert.deepEqual(scene.counts(), { delivered: 2 });
    const [old, young] = scene.exporter.records;
    assert.deepEqual(old?.hrTime, hrTimeFromMillis(scene.clock.now()));
    assert.equal(old?.attributes['log.original_time'], then);
    assert.deepEqual(young?.hrTime, hrTimeFromMillis(scene.clock.now() - 22 * HOUR));
    assert.equal(young?.attributes['log.original_time'], undefined);
  });

  it('becomes a dead letter, where that is wanted: three days of backlog in few steps', async (t) => {
    const scene = await harness({ rules: { ...tooOld, tooOld: 'dead_letter' }, policy: { maxRecords: 500 } });
    t.after(scene.stop);
    let puts = 0;
    const { put } = scene.journal.deadLetters;
    scene.journal.deadLetters.put = (letters) => {
      puts++;
      return put.call(scene.journal.deadLetters, letters);
    };
    for (let hour = 72; hour > 0; hour--) await scene.appendOld(hour * HOUR, ...numbered(30, `h${hour}-`));
    await until(() => scene.status.pending === 0);
    assert.deepEqual(scene.counts(), { delivered: 23 * 30, dead_lettered: 49 * 30 });
    assert.ok(puts <= 49, `${puts} writes`);
    const { cause, attempts, sent } = await scene.letterOf('h72-0');
    assert.equal(cause.kind, 'too_old');
    assert.match(cause.summary, /^its time, .*Z, is 72 h back; max_age is 23 h$/);
    assert.deepEqual([attempts, sent !== undefined], [0, true]);
  });

  it('all at once after an outage of three days goes in few writes', async (t) => {
    const scene = await harness({ rules: { ...tooOld, tooOld: 'dead_letter' }, policy: { maxRecords: 500 } });
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append(...numbered(2000));
    await scene.clock.advance(0);
    let puts = 0;
    const { put } = scene.journal.deadLetters;
    scene.journal.deadLetters.put = (letters) => {
      puts++;
      return put.call(scene.journal.deadLetters, letters);
    };
    scene.clock.jump(72 * HOUR);
    for (let step = 0; step < 20 && scene.status.pending > 0; step++) await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { dead_lettered: 2000 });
    assert.ok(puts <= 16, `${puts} writes`);
  });

  it('is judged at each attempt: it grows too old while the backend is down', async (t) => {
    for (const rule of ['restamp', 'dead_letter'] as const) {
      const scene = await harness({ rules: { ...tooOld, tooOld: rule } });
      t.after(scene.stop);
      scene.exporter.answer = () => hold;
      await scene.appendOld(22 * HOUR, 'a');
      await scene.clock.advance(2 * HOUR);
      scene.exporter.answer = () => delivered;
      await scene.advance(15_000);
      assert.deepEqual(scene.counts(), rule === 'restamp' ? { delivered: 1 } : { dead_lettered: 1 });
    }
  });

  it('is measured by its receipt where its own time is unknown, and one of the future is not', () => {
    const clock = new FakeClock();
    const options = { rules: { ...NO_RULES, ...tooOld, tooOld: 'dead_letter' as const }, weigh, clock };
    const at = (ms: number) => hrTimeFromMillis(clock.now() + ms);
    const unfit = (hrTime: [number, number], hrTimeObserved: [number, number]) =>
      makeFit([record('x', { hrTime, hrTimeObserved })], options).cause?.kind;
    assert.equal(unfit([0, 0], at(-24 * HOUR)), 'too_old');
    assert.equal(unfit([0, 0], at(-22 * HOUR)), undefined);
    assert.equal(unfit(at(-24 * HOUR), at(0)), 'too_old');
    assert.equal(unfit(at(999 * HOUR), at(0)), undefined);
    assert.equal(unfit(at(-23 * HOUR), at(0)), undefined, 'at the limit');
  });
});

describe('a record that is too large', () => {
  const fit = (
    body: Value,
    limit: number,
    oversized: 'dead_letter' | 'truncate_body',
    more: Partial<LogRecord> = {},
  ): Fit =>
    makeFit([record(body, more)], {
      ...{ rules: { ...NO_RULES, maxRecordBytes: limit, oversized }, weigh, clock: new FakeClock() },
    });

  it('becomes a dead letter with both figures, and its companions go', async (t) => {
    const scene = await harness({ rules: { maxRecordBytes: 10 } });
    t.after(scene.stop);
    await scene.append('a', 'longer than ten', 'b');
    assert.deepEqual(scene.counts(), { delivered: 2, dead_lettered: 1 });
    assert.deepEqual((await scene.letterOf('longer than ten')).cause, {
      kind: 'too_large',
      summary: 'the record has 15 bytes; max_record_bytes is 10',
    });
  });

  it('is cut where its body is largest, as text; the rest stays, and attributes say so', () => {
    const intercom = { id: 'x', parts: ['ü'.repeat(5000), { n: 2n ** 60n }] };
    const { records, bytes, cause } = fit({ source_system: 'intercom', intercom }, 2000, 'truncate_body');
    assert.equal(cause, undefined);
    const [short] = records as [LogRecord];
    const body = short.body as { source_system: string; intercom: string };
    assert.deepEqual(Object.keys(body), ['source_system', 'intercom']);
    assert.equal(body.source_system, 'intercom');
    const whole = JSON.stringify({ ...intercom, parts: [intercom.parts[0], { n: String(2n ** 60n) }] });
    assert.ok(whole.startsWith(body.intercom) && body.intercom.length > 500, body.intercom.slice(0, 60));
    assert.deepEqual(short.attributes, {
      ...{ a: 1, 'log.body.truncated': true, 'log.body.original_bytes': Buffer.byteLength(whole) },
    });
    assert.ok(bytes <= 2000 && bytes === weigh(short));
    assert.ok(bytes > 1900, 'not more is cut than must be');
  });

  it('is cut also where its encoding takes many times the bytes of its text', () => {
    const intercom = Array.from({ length: 300 }, (_, index) => ({ id: index, text: '"\n"' }));
    const heavy = (record: LogRecord) => 3 * weigh(record);
    const options = { rules: { ...NO_RULES, maxRecordBytes: 6000, oversized: 'truncate_body' as const } };
    const { cause, bytes } = makeFit([record({ intercom })], { ...options, weigh: heavy, clock: new FakeClock() });
    assert.equal(cause, undefined);
    assert.ok(bytes <= 6000 && bytes > 3000, `${bytes}`);
  });

  it('that is not large because of its body becomes a dead letter all the same', () => {
    const { cause, records } = fit('small', 500, 'truncate_body', { attributes: { long: 'x'.repeat(1000) } });
    assert.equal(cause?.kind, 'too_large');
    assert.equal(records.length, 1);
  });

  const value = fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\u0000', 'é', '漢', '😀', '\ud800'), maxLength: 300 }),
      fc.double(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constant(null),
      fc.boolean(),
      fc.uint8Array({ maxLength: 200 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 5 }), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

  it('any body, any limit: what is sent is within the limit and of the same shape, or it is a dead letter', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 100, max: 1500 }), (body, limit) => {
        const original = record(body);
        const weight = weigh(original);
        const { records, bytes, cause } = fit(body, limit, 'truncate_body');
        const [sent] = records as [LogRecord];
        assert.equal(bytes, weigh(sent));
        if (weight <= limit) {
          assert.deepEqual(sent.body, original.body);
          assert.deepEqual([cause, sent.attributes], [undefined, { a: 1 }]);
        } else if (cause) {
          assert.equal(cause.kind, 'too_large');
          assert.deepEqual(sent.body, original.body, 'a dead letter is whole');
        } else {
          assert.ok(bytes <= limit, `${bytes} of ${limit}`);
          assert.equal(sent.attributes['log.body.truncated'], true);
          const wasMap =
            typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array);
          if (wasMap) assert.deepEqual(Object.keys(sent.body as object), Object.keys(body));
          else assert.equal(typeof sent.body, 'string');
          const text = JSON.stringify(sent.body, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
          assert.ok(
            !text.includes('\ufffd') || /\\ud[89a-f]/i.test(JSON.stringify(body, big)),
            'a character was cut in two',
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

const big = (_: string, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner);

it('no record is changed that another delivery may have: one that is restamped or cut is a copy', () => {
  const [given] = decode({ body: Buffer.from('text'), receivedAt: 1000 } as unknown as Entry);
  assert.ok(given);
  given.body = { long: 'x'.repeat(1000) };
  const before = structuredClone({ body: given.body, attributes: given.attributes, hrTime: given.hrTime });
  const fit = makeFit([given], {
    rules: { ...NO_RULES, maxAgeMs: 1, tooOld: 'restamp', maxRecordBytes: 300, oversized: 'truncate_body' },
    weigh: (record) => JSON.stringify(record.body).length,
    clock: new FakeClock(),
  });
  assert.equal(fit.cause, undefined);
  assert.notEqual(fit.records[0], given);
  assert.deepEqual({ body: given.body, attributes: given.attributes, hrTime: given.hrTime }, before);
});
