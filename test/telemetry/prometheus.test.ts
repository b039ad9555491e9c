import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MetricFamily } from '../../src/telemetry/metrics/model.ts';
import { prometheusText } from '../../src/telemetry/metrics/prometheus.ts';
import { readPrometheus } from './prometheus-reader.ts';

const family = (more: Partial<MetricFamily>): MetricFamily => ({
  name: 'a_metric',
  help: 'Help.',
  type: 'gauge',
  unit: '1',
  samples: [],
  ...more,
});

describe('the Prometheus text', () => {
  it('has help, type and one line a sample', () => {
    const text = prometheusText([
      family({
        type: 'counter',
        samples: [
          { labels: {}, value: 0.25 },
          { labels: { a: 'x', b: 'y' }, value: 3 },
        ],
      }),
    ]);
    assert.equal(text, '# HELP a_metric Help.\n# TYPE a_metric counter\na_metric 0.25\na_metric{a="x",b="y"} 3\n');
  });

  it('says nothing of a metric without samples', () => assert.equal(prometheusText([family({})]), ''));

  it('has the buckets of a histogram added up, the sum and the count', () => {
    const value = { bounds: [0.001, 1], counts: [4, 0, 2], sum: 7.5 };
    const text = prometheusText([family({ type: 'histogram', samples: [{ labels: { a: 'x' }, value }] })]);
    assert.deepEqual(text.split('\n').slice(2), [
      'a_metric_bucket{a="x",le="0.001"} 4',
      'a_metric_bucket{a="x",le="1"} 4',
      'a_metric_bucket{a="x",le="+Inf"} 6',
      'a_metric_sum{a="x"} 7.5',
      'a_metric_count{a="x"} 6',
      '',
    ]);
  });

  it('is read as what was written, whatever texts and numbers there are', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\\', '"', '\n', '\r', ',', '}', '=', ' ', 'n'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    const labels = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), text, { maxKeys: 4 });
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
    const families = fc.uniqueArray(
      fc.record({
        name,
        help: text,
        type: fc.constantFrom('counter' as const, 'gauge' as const),
        unit: fc.constant('1'),
        samples: fc.uniqueArray(fc.record({ labels, value: fc.double() }), {
          selector: ({ labels: one }) => JSON.stringify(Object.entries(one).sort()),
          minLength: 1,
        }),
      }),
      { selector: (one) => one.name },
    );
    fc.assert(
      fc.property(families, (written) => {
        // What goes over the wire is UTF-8.
        const read = readPrometheus(Buffer.from(prometheusText(written)).toString());
        const expected = written.map(({ unit: _, ...one }) => ({
          ...one,
          help: Buffer.from(one.help).toString(),
          samples: one.samples.map(({ labels: each, value }) => ({
            name: one.name,
            labels: Object.fromEntries(Object.entries(each).map(([key, of]) => [key, Buffer.from(of).toString()])),
            value: value === 0 ? 0 : value,
          })),
        }));
        assert.deepEqual(read, expected);
      }),
    );
  });

  it('has buckets that never fall and end in the count', () => {
    const buckets = fc.uniqueArray(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 6 }).chain((bounds) =>
      fc.record({
        bounds: fc.constant(bounds.sort((a, b) => a - b)),
        counts: fc.array(fc.nat(), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
        sum: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      }),
    );
    fc.assert(
      fc.property(buckets, (value) => {
        const [read] = readPrometheus(
          prometheusText([family({ type: 'histogram', samples: [{ labels: {}, value }] })]),
        );
        const inBuckets = (read?.samples ?? []).filter(({ name }) => name === 'a_metric_bucket');
        assert.deepEqual(
          inBuckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity'))),
          [...value.bounds.map((one) => one + 0), Number.POSITIVE_INFINITY],
        );
        const counts = inBuckets.map((one) => one.value);
        assert.deepEqual(
          counts,
          [...counts].sort((a, b) => a - b),
        );
        assert.equal(
          counts.at(-1),
          value.counts.reduce((a, b) => a + b, 0),
        );
        assert.equal(read?.samples.find(({ name }) => name === 'a_metric_count')?.value, counts.at(-1));
      }),
    );
  });
});
