import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Batch } from '../../src/component.ts';
import type { MadeElsewhere } from '../../src/delivery/offload.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { hrTimeFromMillis } from '../../src/record/log-record.ts';
import { RECORD_ENCODERS } from '../../src/record/otlp/encoders.ts';
import { latch } from '../support/latch.ts';
import { delivered, reject, retry, ScriptedExporter } from './backend.ts';
import { type HarnessOptions, harness, processor } from './harness.ts';

const { proto } = RECORD_ENCODERS;
const resource = resourceFromAttributes({});

/** It sees of a record what is sent of it. */
class EncodingExporter extends ScriptedExporter {
  readonly encoding = 'proto' as const;
  /** What it was given last. */
  held: Batch['records'] = [];
  override weigh = (record: Batch['records'][number]) => proto(record).length;
  override send({ records }: Batch, signal: AbortSignal) {
    this.held = records;
    const texts = records.map(
      (record) =>
        Buffer.from(proto(record))
          .toString()
          .match(/(elsewhere|here) [a-z]/)?.[0] ?? '?',
    );
    return super.send({ records: texts.map((body) => ({ body }) as unknown as Batch['records'][number]) }, signal);
  }
}

/** Each record says where it was made. `x…` is filtered, `f…` fails elsewhere. */
const scene = (more: Partial<HarnessOptions> = {}) => {
  const asked: string[] = [];
  const offload = async (entries: readonly Entry[]): Promise<MadeElsewhere[]> =>
    entries.map(({ body, receivedAt }) => {
      const name = Buffer.from(body).toString();
      asked.push(name);
      if (name.startsWith('f')) return undefined;
      if (name.startsWith('x')) return [];
      const hrTime = hrTimeFromMillis(receivedAt);
      const envelope = { hrTime, hrTimeObserved: hrTime, resource, instrumentationScope: { name: 'test' } };
      return [proto.sealed(Buffer.from(`elsewhere ${name}`), envelope)];
    });
  const processors = processor((record, forward) => {
    const name = record.body as string;
    record.body = `here ${name}`;
    if (name.startsWith('bad')) throw new TypeError('no');
    forward(record);
  });
  const exporter = new EncodingExporter();
  return harness({ offload, processors, exporter, ...more }).then((one) => ({ one, exporter, asked }));
};

describe('a delivery whose entries may be made elsewhere', () => {
  it('sends what was made there, settles what was filtered there, and makes the rest here', async (t) => {
    const { one, exporter } = await scene();
    t.after(one.stop);
    await one.append('a', 'x', 'f', 'b');
    await one.advance(200);
    assert.deepEqual(exporter.texts, ['elsewhere a', 'here f', 'elsewhere b']);
    assert.deepEqual(one.counts(), { delivered: 3, filtered: 1 });
  });

  it('makes here what is too large or too old: something has to be done about it', async (t) => {
    const { one, exporter } = await scene({
      rules: { maxRecordBytes: 100, oversized: 'dead_letter', maxAgeMs: 1000, tooOld: 'restamp' },
    });
    t.after(one.stop);
    await one.appendOld(5000, 'a');
    await one.append('b', `c${'.'.repeat(200)}`);
    await one.advance(200);
    assert.deepEqual(exporter.texts.sort(), ['elsewhere b', 'here a']);
    assert.deepEqual(one.counts(), { delivered: 2, dead_lettered: 1 });
  });

  it('makes here what becomes a dead letter, with its records', async (t) => {
    const { one, exporter } = await scene();
    t.after(one.stop);
    exporter.answer = (texts) => (texts.includes('elsewhere b') ? reject : { kind: 'delivered' });
    await one.append('a', 'b', 'c');
    await one.advance(60_000);
    assert.deepEqual(one.counts(), { delivered: 2, dead_lettered: 1 });
    const { sent } = await one.letterOf('b');
    assert.match(Buffer.from(sent ?? []).toString(), /here b/);
  });

  it('makes here what is so large that a thread with less memory may die of it', async (t) => {
    const { one, exporter, asked } = await scene();
    t.after(one.stop);
    await one.append('a', `b${'.'.repeat(8 * 1024 * 1024)}`, 'c');
    await one.advance(200);
    await one.advance(200);
    assert.deepEqual(exporter.texts.sort(), ['elsewhere a', 'elsewhere c', 'here b']);
    assert.deepEqual(asked, ['a', 'c']);
    assert.deepEqual(one.counts(), { delivered: 3 });
  });

  it('makes here what may have killed the process', async (t) => {
    const { one, exporter, asked } = await scene({ died: { position: null, deaths: 1 } });
    t.after(one.stop);
    await one.append('a', 'b');
    await one.advance(200);
    assert.deepEqual(asked, []);
    assert.deepEqual(exporter.texts, ['here a', 'here b']);
  });

  it('holds no record while its request is under way, and counts those that failed', async (t) => {
    const { one, exporter } = await scene();
    t.after(one.stop);
    const answered = latch<Outcome>();
    exporter.answer = () => answered.promise;
    await one.append('a', 'b');
    await one.advance(200);
    assert.deepEqual([one.status.in_flight, exporter.held.length], [1, 0]);
    exporter.answer = () => delivered;
    answered.open(retry());
    await one.advance(60_000);
    assert.equal(one.status.send_failed, 2);
    assert.deepEqual(one.counts(), { delivered: 2 });
  });

  it('does not wait for it where there is nobody', async (t) => {
    const { one, exporter } = await scene({ offload: () => undefined });
    t.after(one.stop);
    await one.append('a');
    await one.advance(200);
    assert.deepEqual(exporter.texts, ['here a']);
  });

  it('cut while it waits for that, makes nothing here any more', async (t) => {
    const givenBack = latch<MadeElsewhere[]>();
    const made: unknown[] = [];
    const processors = processor((record, forward) => {
      made.push(record.body);
      forward(record);
    });
    const { one } = await scene({ offload: () => givenBack.promise, processors });
    await one.append('a', 'b');
    await one.advance(200);
    const deadline = new AbortController();
    const stopped = one.delivery.shutdown(deadline.signal);
    deadline.abort();
    givenBack.open([]);
    await stopped;
    assert.deepEqual(made, []);
    assert.deepEqual(one.counts(), { pending: 2 });
    const after = await one.again({ offload: () => undefined });
    t.after(after.stop);
    await after.advance(200);
    assert.deepEqual(after.counts(), { delivered: 2 });
  });
});
