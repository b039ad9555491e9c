import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createDebug } from '../../src/exporters/debug/debug.ts';
import { factory } from '../../src/exporters/debug/index.ts';
import { streamOutput } from '../../src/exporters/debug/output.ts';
import { createSampler } from '../../src/exporters/debug/sampler.ts';
import { detailedText, normalText } from '../../src/exporters/debug/text.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import type { Value } from '../../src/record/value.ts';
import { type Log, silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { context, errors, never, objections, parse, record, remarks } from './support.ts';

/** Sends batches and gives back what was printed where. */
async function printed(block: object, batches: LogRecord[][], clock = new FakeClock()) {
  const texts: Record<string, string> = {};
  const lines: unknown[] = [];
  const log: Log = { ...silentLog, info: (message, fields) => lines.push([message, fields]) };
  const exporter = createDebug(parse(factory, block), context({ clock, log }), (path) => ({
    write: async (text) => {
      texts[path] = (texts[path] ?? '') + text;
    },
    close: () => {},
  }));
  await exporter.start();
  for (const records of batches) {
    assert.deepEqual(await exporter.send({ records }, never), { kind: 'delivered' });
  }
  await exporter.shutdown(never);
  return { texts, lines };
}

const pond = resourceFromAttributes({ 'service.name': 'pond', depth: 2.5 }, { schemaUrl: 'https://schemas.example/1' });

const full = record({
  resource: pond,
  instrumentationScope: { name: 'pump', version: '3', schemaUrl: 'https://schemas.example/2' },
  hrTime: [1_767_225_600, 120_000_789],
  hrTimeObserved: [0, 0],
  severityNumber: 18,
  severityText: 'bad',
  body: { z: '<p>&', a: [1, 2.5, true, null, 9_007_199_254_740_993n], b: { '10': '', '9': '' } },
  attributes: { text: 'two words', n: 7, f: 0.5, ok: false, bytes: new Uint8Array([1, 2]), none: null, list: ['x'] },
});
full.spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

describe('debug prints as the Collector does', () => {
  it('detailed', () => {
    assert.equal(
      detailedText([
        full,
        record({ eventName: undefined, severityNumber: undefined, severityText: undefined, attributes: {} }),
      ]),
      `ResourceLog #0
Resource SchemaURL: https://schemas.example/1
Resource attributes:
     -> service.name: Str(pond)
     -> depth: Double(2.5)
ScopeLogs #0
ScopeLogs SchemaURL: https://schemas.example/2
InstrumentationScope pump 3
LogRecord #0
ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
Timestamp: 2026-01-01 00:00:00.120000789 +0000 UTC
SeverityText: bad
SeverityNumber: Error2(18)
EventName: plant.watered
Body: Map({"a":[1,2.5,true,null,9007199254740993],"b":{"10":"","9":""},"z":"\\u003cp\\u003e\\u0026"})
Attributes:
     -> text: Str(two words)
     -> n: Int(7)
     -> f: Double(0.5)
     -> ok: Bool(false)
     -> bytes: Bytes(AQI=)
     -> none: Empty()
     -> list: Slice(["x"])
Trace ID: 0af7651916cd43dd8448eb211c80319c
Span ID: b7ad6b7169203331
Flags: 1
ResourceLog #1
Resource SchemaURL: ${''}
Resource attributes:
     -> service.namespace: Str(garden)
     -> service.name: Str(greenhouse)
     -> cx.application.name: Str(garden)
     -> cx.subsystem.name: Str(greenhouse)
ScopeLogs #0
ScopeLogs SchemaURL: ${''}
InstrumentationScope receivers/test 1.2.3
LogRecord #0
ObservedTimestamp: 2026-05-06 07:08:10.5 +0000 UTC
Timestamp: 2026-05-06 07:08:09 +0000 UTC
SeverityText: ${''}
SeverityNumber: Unspecified(0)
Body: Map({"plant":{"litres":2,"name":"fern"}})
Trace ID: ${''}
Span ID: ${''}
Flags: 0
`,
    );
  });

  it('normal', () => {
    assert.equal(
      normalText([full, record({ body: 'watered', attributes: {} }), record({ body: undefined })]),
      `ResourceLog #0 [https://schemas.example/1] service.name=pond depth=2.5
ScopeLog #0 pump@3 [https://schemas.example/2]
{"a":[1,2.5,true,null,9007199254740993],"b":{"10":"","9":""},"z":"\\u003cp\\u003e\\u0026"} text=two words n=7 f=0.5 ok=false bytes=AQI= none= list=["x"]
ResourceLog #1 service.namespace=garden service.name=greenhouse cx.application.name=garden cx.subsystem.name=greenhouse
ScopeLog #1 receivers/test@1.2.3
watered ${''}
 plant.kind=fern
`,
    );
  });

  it('basic, a line per batch', async () => {
    const { texts } = await printed({ use_internal_logger: false }, [[full, record(), record()], [record()]]);
    assert.deepEqual(texts, {
      stdout: 'Logs\t{"resource logs": 2, "log records": 3}\nLogs\t{"resource logs": 1, "log records": 1}\n',
    });
  });

  it('every severity by its name', () => {
    const names = [0, 1, 4, 5, 9, 10, 13, 17, 21, 24, 25].map((severityNumber) => {
      const text = detailedText([record({ severityNumber })]);
      return /SeverityNumber: (.*)/.exec(text)?.[1];
    });
    const expected =
      'Unspecified(0) Trace(1) Trace4(4) Debug(5) Info(9) Info2(10) Warn(13) Error(17) Fatal(21) Fatal4(24) (25)';
    assert.deepEqual(names, expected.split(' '));
  });
});

describe('debug', () => {
  it('lets no value drive a terminal or forge a line, wherever it stands', () => {
    const nasty = 'a\u001b[2Jb\nLogRecord #7\r\u0007\u009b\u202e\u2028\u200b';
    const place = fc.constantFrom(
      'body',
      'map value',
      'map key',
      'attribute',
      'key',
      'event',
      'severity',
      'scope',
      'resource',
    );
    fc.assert(
      fc.property(place, fc.string({ unit: 'binary' }), (where, noise) => {
        const text = nasty + noise;
        const one = record({
          ...(where === 'body' && { body: text }),
          ...(where === 'map value' && { body: { a: [text] } }),
          ...(where === 'map key' && { body: { [text]: 1 } as Value }),
          ...(where === 'attribute' && { attributes: { a: text } }),
          ...(where === 'key' && { attributes: { [text]: 'a' } }),
          ...(where === 'event' && { eventName: text }),
          ...(where === 'severity' && { severityText: text }),
          ...(where === 'scope' && { instrumentationScope: { name: text, version: text, schemaUrl: text } }),
          ...(where === 'resource' && { resource: resourceFromAttributes({ [text]: text }, { schemaUrl: text }) }),
        });
        for (const output of [normalText([one]), detailedText([one])]) {
          assert(!/[\p{Cc}\p{Cf}\u2028\u2029]/u.test(output.replaceAll('\n', '')));
          assert(!/^LogRecord #7/m.test(output));
        }
      }),
    );
  });

  it('survives a value that contains itself, or is nested without end', () => {
    const loop: Record<string, unknown> = {};
    loop.again = loop;
    assert.match(detailedText([record({ body: loop as Value })]), /omitted: nested deeper/);
  });

  it('with the internal logger logs the counts and prints the records on stderr', async () => {
    const { texts, lines } = await printed({ verbosity: 'normal' }, [[record()]]);
    assert.deepEqual(lines, [['Logs', { 'resource logs': 1, 'log records': 1 }]]);
    assert.deepEqual(Object.keys(texts), ['stderr']);
    assert.match(texts.stderr ?? '', /^ResourceLog #0 /);
    const basic = await printed({}, [[record()]]);
    assert.deepEqual(basic.texts, {});
  });

  it('prints to every one of its outputs', async () => {
    const block = { use_internal_logger: false, output_paths: ['stderr', '/tmp/records.txt'] };
    const { texts } = await printed(block, [[record()]]);
    assert.deepEqual(Object.keys(texts), ['stderr', '/tmp/records.txt']);
  });

  it('appends to a file, which strangers may not read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'debug-'));
    try {
      const path = join(directory, 'out.txt');
      const block = { use_internal_logger: false, output_paths: [path] };
      const exporter = createDebug(parse(factory, block), context());
      await exporter.send({ records: [record()] }, never);
      await exporter.send({ records: [record()] }, never);
      assert.equal((await readFile(path, 'utf8')).split('\n').length, 3);
      assert.equal((await stat(path)).mode & 0o007, 0);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('holds when its output is gone', async () => {
    const broken = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const exporter = createDebug(parse(factory, { use_internal_logger: false }), context(), () => streamOutput(broken));
    const outcome = await exporter.send({ records: [record()] }, never);
    assert(outcome.kind === 'hold');
    assert.equal(outcome.reason.code, 'EPIPE');
  });

  it('samples batches by the second', async () => {
    const clock = new FakeClock();
    const sampled = createSampler(clock, 2, 3);
    const second = () => Array.from({ length: 9 }, () => (sampled() ? 1 : 0)).join('');
    assert.equal(second(), '110010010');
    await clock.advance(1000);
    assert.equal(second(), '110010010');
    const none = createSampler(clock, 1, 0);
    assert.deepEqual([none(), none(), none()], [true, false, false]);
    const { texts } = await printed({ use_internal_logger: false, sampling_initial: 1, sampling_thereafter: 0 }, [
      [record()],
      [record()],
    ]);
    assert.equal(texts.stdout?.split('\n').length, 2);
  });

  it('refuses what the Collector refuses', () => {
    assert.deepEqual(objections(factory, { verbosity: 'loud' }), [
      'verbosity: verbosity level "loud" is not supported',
    ]);
    assert.deepEqual(errors(remarks(factory, { output_paths: ['stderr'] })), [
      'output_paths: output_paths is not supported when use_internal_logger is true',
    ]);
    assert.deepEqual(remarks(factory, {}), []);
    const found = remarks(factory, { sending_queue: { num_consumers: 0 } });
    assert.deepEqual(errors(found), ['sending_queue.num_consumers: `num_consumers` must be positive']);
  });

  it('takes a verbosity in any case, and as the number that the Collector counts', () => {
    const given = ['BASIC', 'Detailed', 0, 1, 2];
    const taken = given.map((verbosity) => parse(factory, { verbosity }).verbosity);
    assert.deepEqual(taken, ['basic', 'detailed', 'basic', 'normal', 'detailed']);
    for (const verbosity of ['none', -1, 7]) {
      const message = `verbosity: verbosity level "${verbosity}" is not supported`;
      assert.deepEqual(objections(factory, { verbosity }), [message]);
    }
  });
});
