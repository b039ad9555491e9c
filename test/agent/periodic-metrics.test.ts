import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { PeriodicMetrics, type PeriodicMetricsOptions } from '../../src/agent/periodic-metrics.ts';
import type { OtlpTarget, PeriodicReader } from '../../src/config/model.ts';
import { type Log, silentLog } from '../../src/telemetry/log.ts';
import type { MetricFamily, Sample } from '../../src/telemetry/metrics/model.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { MetricsSink, type OtlpPoint } from '../support/metrics-sink.ts';

const NOW = Date.UTC(2026, 0, 1);
const nanos = (ms: number) => `${ms}000000`;

interface Totals {
  accepted: number;
  delivered: number;
  pending: number;
  counts: number[];
}

function familiesOf({ accepted, delivered, pending, counts }: Totals): MetricFamily[] {
  const family = (name: string, type: MetricFamily['type'], unit: string, value: Sample['value']) => ({
    ...{ name, type, unit, help: `What ${name} is.` },
    samples: [{ labels: { receiver: 'intercom' }, value }],
  });
  return [
    family('accepted', 'counter', '{record}', accepted),
    { ...family('delivered', 'counter', '{record}', delivered), kept: true },
    family('pending', 'gauge', '{record}', pending),
    family('oldest', 'gauge', 's', 1.5),
    family('sync', 'histogram', 's', { bounds: [0.1, 1], counts, sum: 2.5 }),
    family('target_info', 'gauge', '1', 1),
  ];
}

async function scene(t: TestContext, options: Partial<PeriodicReader> = {}, target: Partial<OtlpTarget> = {}) {
  const sink = await MetricsSink.start();
  t.after(() => sink.close());
  const clock = new FakeClock(NOW);
  const told: [string, Parameters<Log['warn']>[1]][] = [];
  const log: Log = { ...silentLog, warn: (message, fields) => void told.push([message, fields]) };
  const totals: Totals = { accepted: 5, delivered: 105, pending: 7, counts: [1, 2, 0] };
  const lines: string[] = [];
  const reader: PeriodicReader = {
    ...{ path: 'readers::0::periodic', intervalMs: 60_000, timeoutMs: 30_000, temporality: 'cumulative' },
    target: {
      ...{ url: `${sink.url}/v1/metrics`, encoding: 'proto', headers: {}, compression: 'none', timeoutMs: 10_000 },
      tls: { ca_file: undefined, cert_file: undefined, key_file: undefined },
      ...target,
    },
    ...options,
  };
  const parts: PeriodicMetricsOptions = {
    ...{ reader, clock, log, version: '1.2.3', startedAt: NOW - 1000, environment: {} },
    resource: { attributes: { 'service.name': 'agent', team: 'support' }, schemaUrl: 'https://schema.example' },
    families: () => familiesOf(totals),
    write: (line) => void lines.push(line),
  };
  const metrics = new PeriodicMetrics(parts);
  t.after(() => metrics.shutdown(AbortSignal.abort()));
  await metrics.start();
  /** The next report is due, and has been answered. */
  const next = async () => {
    const before = sink.requests.length;
    await clock.advance(reader.intervalMs);
    const request = await sink.has(before + 1);
    await answered();
    return request;
  };
  return { sink, clock, told, totals, metrics, next, lines, parts };
}

/** The answer travels over a real socket. */
async function answered(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await settle();
  }
}

const first = (points: { dataPoints: readonly OtlpPoint[] } | undefined) => points?.dataPoints[0] as OtlpPoint;
const stop = () => AbortSignal.timeout(10_000);

describe('metrics that are sent', () => {
  for (const encoding of ['proto', 'json'] as const) {
    it(`say everything as ${encoding}: sums, gauges, histograms, and who says it`, async (t) => {
      const { next } = await scene(t, {}, { encoding, compression: encoding === 'proto' ? 'gzip' : 'none' });
      const { url, headers, decoded, metrics } = await next();
      assert.equal(url, '/v1/metrics');
      assert.equal(headers['content-type'], encoding === 'proto' ? 'application/x-protobuf' : 'application/json');
      assert.equal(headers['content-encoding'], encoding === 'proto' ? 'gzip' : undefined);
      assert.equal(headers['user-agent'], 'intercom-otel-agent/1.2.3');
      const [resource] = decoded.resourceMetrics;
      assert.equal(resource?.schemaUrl, 'https://schema.example');
      assert.deepEqual(
        resource?.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
        [
          ['service.name', 'agent'],
          ['team', 'support'],
        ],
      );
      const { name, version } = resource?.scopeMetrics[0]?.scope ?? {};
      assert.deepEqual([name, version], ['intercom-otel-agent', '1.2.3']);
      assert.deepEqual([...metrics.keys()], ['accepted', 'delivered', 'pending', 'oldest', 'sync']);

      const accepted = metrics.get('accepted');
      assert.deepEqual([accepted?.description, accepted?.unit], ['What accepted is.', '{record}']);
      assert.deepEqual([accepted?.sum?.aggregationTemporality, accepted?.sum?.isMonotonic], [2, true]);
      const point = first(accepted?.sum);
      assert.deepEqual(
        [String(point.asInt), point.startTimeUnixNano, point.timeUnixNano],
        ['5', nanos(NOW - 1000), nanos(NOW + 60_000)],
      );
      assert.deepEqual(
        point.attributes?.map(({ key, value }) => [key, value.stringValue]),
        [['receiver', 'intercom']],
      );
      // Its start is unknown: it did not begin with this process.
      const kept = first(metrics.get('delivered')?.sum);
      assert.deepEqual([String(kept.asInt), Number(kept.startTimeUnixNano ?? 0)], ['105', 0]);
      assert.equal(String(first(metrics.get('pending')?.gauge).asInt), '7');
      assert.equal(first(metrics.get('oldest')?.gauge).asDouble, 1.5);
      const histogram = first(metrics.get('sync')?.histogram);
      assert.deepEqual(histogram.bucketCounts?.map(Number), [1, 2, 0]);
      assert.deepEqual([histogram.explicitBounds, Number(histogram.count), histogram.sum], [[0.1, 1], 3, 2.5]);
      assert.equal(metrics.get('sync')?.histogram?.aggregationTemporality, 2);
    });
  }

  it('go out at the interval, with the headers of the configuration', async (t) => {
    const { sink, clock, next } = await scene(t, { intervalMs: 5000 }, { headers: { authorization: 'planted' } });
    await clock.advance(4999);
    assert.equal(sink.requests.length, 0);
    assert.equal((await next()).headers.authorization, 'planted');
    await next();
    assert.equal(sink.requests.length, 2);
  });

  it('as deltas say what was added since the last report that arrived', async (t) => {
    const { sink, totals, next } = await scene(t, { temporality: 'delta' });
    Object.assign(totals, { accepted: 8, delivered: 106, counts: [1, 3, 1] });
    const one = await next();
    const accepted = one.metrics.get('accepted')?.sum;
    assert.equal(accepted?.aggregationTemporality, 1);
    const { asInt, startTimeUnixNano, timeUnixNano } = first(accepted);
    assert.deepEqual([String(asInt), startTimeUnixNano, timeUnixNano], ['3', nanos(NOW), nanos(NOW + 60_000)]);
    assert.equal(String(first(one.metrics.get('delivered')?.sum).asInt), '1');
    assert.equal(String(first(one.metrics.get('pending')?.gauge).asInt), '7');
    assert.deepEqual(first(one.metrics.get('sync')?.histogram).bucketCounts?.map(Number), [0, 1, 1]);

    sink.status = 503;
    totals.accepted = 9;
    await next();
    sink.status = 200;
    totals.accepted = 10;
    const again = first((await next()).metrics.get('accepted')?.sum);
    assert.deepEqual([String(again.asInt), again.startTimeUnixNano], ['2', nanos(NOW + 60_000)]);
  });

  it('as lowmemory are deltas for histograms only', async (t) => {
    const { metrics } = await (await scene(t, { temporality: 'lowmemory' })).next();
    assert.equal(metrics.get('accepted')?.sum?.aggregationTemporality, 2);
    assert.equal(metrics.get('sync')?.histogram?.aggregationTemporality, 1);
  });

  it('go to stdout where there is no backend', async (t) => {
    const { lines, clock } = await scene(t, { target: undefined });
    await clock.advance(60_000);
    assert.equal(lines.length, 1);
    assert.equal(JSON.parse(lines[0] as string).resourceMetrics.length, 1);
  });
});

describe('metrics that can not be sent', () => {
  it('disturb nobody, and are told seldom, without a secret', async (t) => {
    const { sink, told, next } = await scene(t, { intervalMs: 1000 }, { headers: { 'x-key': 'planted' } });
    sink.status = 401;
    sink.body = 'planted';
    for (let report = 0; report < 70; report++) await next();
    assert.deepEqual(
      told.map(([, fields]) => [fields?.reason, fields?.reports]),
      [
        ['the backend answered 401', 1],
        ['the backend answered 401', 60],
      ],
    );
    assert.equal(told[0]?.[1]?.to, sink.url);
    assert.doesNotMatch(JSON.stringify(told), /planted/);
  });

  it('have one request under way, which ends at the limit', async (t) => {
    const { sink, clock, told } = await scene(t, { intervalMs: 1000, timeoutMs: 3500 });
    sink.status = undefined;
    await clock.advance(1000);
    await sink.has(1);
    await clock.advance(3000);
    assert.equal(sink.requests.length, 1);
    assert.equal(told.length, 0);
    await clock.advance(500);
    await answered();
    assert.match(String(told[0]?.[1]?.reason), /3500 ms/);
    sink.status = 200;
    await clock.advance(1000);
    await sink.has(2);
  });

  it('in part are told as rejected', async (t) => {
    const { sink, told, next } = await scene(t, {}, { encoding: 'json' });
    sink.body = JSON.stringify({ partialSuccess: { rejectedDataPoints: 3, errorMessage: 'planted' } });
    await next();
    assert.deepEqual(told[0]?.[1], { reader: 'readers::0::periodic', points: 3 });
    sink.body = 'no JSON';
    await next();
    assert.equal(told.length, 1);
  });

  it('because of a file of certificates keep the agent from starting, with the place', async (t) => {
    const tls = { ca_file: '/nowhere/ca.pem', cert_file: undefined, key_file: undefined };
    const { parts } = await scene(t);
    const target = { ...(parts.reader.target as OtlpTarget), tls };
    const metrics = new PeriodicMetrics({ ...parts, reader: { ...parts.reader, target } });
    await assert.rejects(metrics.start(), /^Error: readers::0::periodic: .*cannot read \/nowhere\/ca.pem/);
    await metrics.shutdown(stop());
  });
});

describe('when the agent stops', () => {
  it('a last report goes out, and then none', async (t) => {
    const { sink, clock, metrics, totals } = await scene(t);
    totals.accepted = 6;
    await Promise.all([metrics.shutdown(stop()), metrics.shutdown(stop())]);
    assert.equal(sink.requests.length, 1);
    assert.equal(String(first(sink.requests[0]?.metrics.get('accepted')?.sum).asInt), '6');
    assert.equal(clock.pending, 0);
  });

  it('a backend that does not answer keeps it some seconds at most', async (t) => {
    const { sink, clock, metrics } = await scene(t);
    sink.status = undefined;
    const stopping = metrics.shutdown(stop());
    await sink.has(1);
    await clock.advance(5000);
    await stopping;
    assert.equal(clock.pending, 0);
  });

  it('at once, nothing is sent', async (t) => {
    const { sink, metrics } = await scene(t);
    await metrics.shutdown(AbortSignal.abort());
    assert.equal(sink.requests.length, 0);
  });
});
