import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { recordDifferences } from '../../src/cli/record-diff.ts';
import { sightingPrinter } from '../../src/cli/sighting-text.ts';
import type { Sighting } from '../../src/control/taps.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { encodeLogsRequestJson } from '../../src/record/otlp/json.ts';
import { RecordResource } from '../../src/record/resource.ts';
import { double, type Value } from '../../src/record/value.ts';

function record(body: Value, more: { attributes?: Record<string, Value>; resource?: Record<string, Value> } = {}) {
  return new LogRecord({
    hrTime: [1_767_225_600, 0],
    hrTimeObserved: [1_767_225_600, 500_000_000],
    severityNumber: 9,
    severityText: 'INFO',
    body,
    attributes: more.attributes ?? {},
    resource: new RecordResource({ attributes: more.resource ?? {} }),
    instrumentationScope: { name: 'test' },
  });
}

const of = (before: Value, after: Value) => recordDifferences(record(before), record(after));

describe('differences between records', () => {
  it('are named by path: dots where a key is a name, brackets where it is not', () => {
    const before = record(
      { a: { 'x.y': 1, gone: { deep: true } }, same: [1, 2] },
      { attributes: { 'user.id': 'u' }, resource: { 'service.name': 'a' } },
    );
    const after = record(
      { a: { 'x.y': 2 }, same: [1, 2] },
      { attributes: { new: 'n' }, resource: { 'service.name': 'b' } },
    );
    after.severityText = 'WARN';
    after.hrTime = [0, 0];
    assert.deepEqual(recordDifferences(before, after), [
      { kind: 'changed', path: 'time', before: '2026-01-01T00:00:00Z', after: '1970-01-01T00:00:00Z' },
      { kind: 'changed', path: 'severity_text', before: 'INFO', after: 'WARN' },
      { kind: 'changed', path: 'body.a["x.y"]', before: 1, after: 2 },
      { kind: 'removed', path: 'body.a.gone', before: { deep: true } },
      { kind: 'removed', path: 'attributes["user.id"]', before: 'u' },
      { kind: 'added', path: 'attributes.new', after: 'n' },
      { kind: 'changed', path: 'resource.attributes["service.name"]', before: 'a', after: 'b' },
    ]);
  });

  it('in lists are those of the elements that differ, not of all behind one that is gone', () => {
    assert.deepEqual(of(['a', 'b', 'c', 'd'], ['a', 'c', 'd']), [{ kind: 'removed', path: 'body[1]', before: 'b' }]);
    assert.deepEqual(of(['a', 'd'], ['a', 'b', 'c', 'd']), [
      { kind: 'added', path: 'body[1]', after: 'b' },
      { kind: 'added', path: 'body[2]', after: 'c' },
    ]);
    assert.deepEqual(of([{ a: 1 }, 2], [{ a: 2 }, 2]), [{ kind: 'changed', path: 'body[0].a', before: 1, after: 2 }]);
  });

  it('are also those of types: 1, 1.0 and "1" are three values', () => {
    assert.equal(of(1, double(1)).length, 1);
    assert.equal(of(1, '1').length, 1);
    assert.equal(of({ a: 1 }, { a: null }).length, 1);
    assert.deepEqual(of('x', null), [{ kind: 'removed', path: 'body', before: 'x' }]);
  });

  it('are none between a record and itself, and some where a value is another one', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const [one, other] = [a, b] as [Value, Value];
        assert.deepEqual(of(one, structuredClone(one)), []);
        assert.equal(of(one, other).length === 0, JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });
});

/** The order of keys means nothing; -0 is not in JSON, but in JavaScript. */
function sorted(value: unknown): unknown {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { map: entries.map(([key, inner]) => [key, sorted(inner)]) };
}

const data = (...records: LogRecord[]) =>
  records.map((one) => JSON.parse(encodeLogsRequestJson([one]).toString()) as unknown);

function sighting(more: Partial<Sighting>): Sighting {
  return {
    ...{ pipeline: 'logs', at: 'redaction', position: 7, topic: 'contact.created' },
    ...{ received_at: '2026-01-01T00:00:00.000Z', before: [], after: [], dropped: false, error: null },
    ...more,
  };
}

describe('what `tail` prints', () => {
  const print = sightingPrinter({ colour: false });
  const head = '2026-01-01T00:00:00.000Z  contact.created  #7  logs  ';

  it('is a line for each record, and what was changed, removed and added below it', () => {
    const before = data(record({ text: 'card 4111', gone: 1 }));
    const after = data(record({ text: 'card ****' }, { attributes: { masked: 1 } }));
    assert.equal(
      print(sighting({ before, after })),
      `${head}3 differences
  ~ body.text
      - "card 4111"
      + "card ****"
  - body.gone  1
  + attributes.masked  1

`,
    );
    assert.equal(print(sighting({ before, after: before })), `${head}unchanged\n\n`);
  });

  it('shows of long texts what lies around the difference', () => {
    const long = (middle: string) => `${'a'.repeat(5000)}${middle}${'z'.repeat(5000)}`;
    const text = print(sighting({ before: data(record(long('4111 1111'))), after: data(record(long('****'))) }));
    assert.match(text, / - "\.\.\.a{24}4111 1111z{24}\.\.\."\n {6}\+ "\.\.\.a{24}\*{4}z{24}\.\.\."\n/);
    const other = print(
      sighting({ before: data(record(`b${'a'.repeat(5000)}`)), after: data(record('c'.repeat(5000))) }),
    );
    assert.ok(other.split('\n').every((line) => line.length < 200));
  });

  it('says who dropped, joined or failed', () => {
    const one = data(record('x'));
    assert.equal(print(sighting({ before: one, dropped: true })), `${head}dropped by redaction\n\n`);
    const error = (where: NonNullable<Sighting['error']>['where']) =>
      print(sighting({ before: where === 'before' ? [] : one, error: { where, message: 'no' } }));
    assert.equal(error('at'), `${head}redaction failed: no; the entry becomes a dead letter\n\n`);
    assert.match(error('before'), /did not reach redaction: what comes before it failed: no/);
    assert.match(error('behind'), /passed redaction; what comes behind it failed: no/);
    const joined = print(
      sighting({
        before: [...one, ...data(record('y'))],
        after: data(record('y', { attributes: { n: 2 } })),
        position: null,
        topic: null,
      }),
    );
    assert.match(joined, /several entries {2}logs {2}2 records became 1, 1 difference\n {2}\+ attributes\.n {2}2\n/);
    const many = data(...Array.from({ length: 12 }, (_, index) => record(index)));
    assert.match(
      print(sighting({ before: many, after: many })),
      /12 records became 12, unchanged\n(?: {2}record \d+\n){10} {2}\.\.\. and 2 more records\n/,
    );
    assert.equal(
      print(sighting({ at: null, before: null, dropped: true })),
      `${head}filtered: nothing of it leaves the pipeline\n\n`,
    );
    assert.match(print(sighting({ at: null, before: null, after: one })), /^2026-01-01T00:00:00\.000Z {2}INFO .*\n/);
  });

  it('holds nothing that a terminal obeys, whatever comes', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('\u001b[2J', '\u202e', '\u0007', '\r', '\n', 'a', '"', '\u2028'),
    });
    fc.assert(
      fc.property(hostile, hostile, hostile, (key, a, b) => {
        const before = data(record({ [key]: a }, { attributes: { [key]: a } }));
        const after = data(record({ [key]: b }, { attributes: { [b]: a } }));
        const texts = [
          print(sighting({ before, after, topic: a, pipeline: b })),
          print(sighting({ before, error: { where: 'at', message: a }, at: b })),
          print(sighting({ before: null, after, at: null })),
        ];
        for (const text of texts) assert.ok(!/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text), JSON.stringify(text));
      }),
    );
  });

  it('is coloured where that is wanted', () => {
    const text = sightingPrinter({ colour: true })(sighting({ before: data(record('x')), dropped: true }));
    assert.ok(text.includes('\u001b[33mdropped by redaction\u001b[0m'));
  });
});
