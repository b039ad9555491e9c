import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createPrinter } from '../../src/exporters/terminal/terminal.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import type { Value } from '../../src/record/value.ts';

const record = (body: Value, attributes: Record<string, Value> = {}) =>
  new LogRecord({
    hrTime: [1_700_000_000, 0],
    hrTimeObserved: [1_700_000_000, 0],
    severityNumber: 13,
    severityText: 'WARN',
    eventName: 'intercom.ping',
    body,
    attributes,
    resource: resourceFromAttributes({ 'service.name': 'support' }),
    instrumentationScope: { name: 't' },
  });
const plain = createPrinter({ colour: false, body: true, maxLines: 5 });

describe('the exporter `terminal`', () => {
  it('prints time, severity and name, then resource, attributes and body', () => {
    assert.equal(
      plain(record({ a: { b: 'x', empty: '', none: null }, n: 12n }, { 'intercom.topic': 'ping' })),
      `2023-11-14T22:13:20.000Z  WARN   intercom.ping
  resource   service.name  support
  attributes intercom.topic  ping
  body       a:
               b: "x"
             n: 12

`,
    );
  });

  it('shows so many lines as it is told, and says how many more there are', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, index]));
    const text = plain(record(many, many));
    assert.match(text, /\.\.\. and 4 more\n/);
    assert.match(text, /k4: 4\n\s+\.\.\. and more\n/);
    assert.doesNotMatch(text, /k5/);
  });

  it('leaves the body out where it is told to', () => {
    assert.doesNotMatch(
      createPrinter({ colour: false, body: false, maxLines: 5 })(record({ said: 'secret words' })),
      /secret words/,
    );
  });

  it('prints colours only where it is told to', () => {
    assert.ok(createPrinter({ colour: true, body: true, maxLines: 5 })(record('x')).includes('\u001b['));
    assert.ok(!plain(record('x')).includes('\u001b'));
  });

  it('never throws, and lets no control or direction character of the record through', () => {
    const value = fc.jsonValue() as fc.Arbitrary<Value>;
    fc.assert(
      fc.property(value, fc.string({ unit: 'binary' }), (body, text) => {
        const printed = plain(record({ body, [text]: text }, { [text]: text }));
        assert.doesNotMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\u2028\u2029]/u);
        assert.ok(printed.split('\n').length < 30);
      }),
    );
  });
});
