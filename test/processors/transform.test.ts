import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chain } from '../../src/delivery/chain.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { factory } from '../../src/processors/transform/index.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { RecordResource } from '../../src/record/resource.ts';
import type { Log, LogFields } from '../../src/telemetry/log.ts';
import { recordOf } from '../ottl/run.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock(Date.UTC(2026, 0, 10));

function chainOf(settings: object, lines: [string, LogFields | undefined][] = []): Chain {
  const config = factory.config.parse(settings);
  assert.deepEqual(factory.check?.(config) ?? [], []);
  const log: Log = {
    debug() {},
    info() {},
    error() {},
    warn: (text, fields) => lines.push([text, fields]),
    with: () => log,
  };
  const context = { id: 'transform', log, clock, random: () => 0.5, version: '0', authenticators: noAuthenticators };
  return new Chain((next) => factory.create(config, context, next), assert.fail);
}

/** Records of one entry, under one resource and scope. */
function entry(resource: RecordResource, count = 2): LogRecord[] {
  const instrumentationScope = { name: 's' };
  return Array.from({ length: count }, (_, index) =>
    Object.assign(recordOf({ attributes: { n: index } }), { resource, instrumentationScope }),
  );
}

describe('the processor transform', () => {
  it('runs a group once for a resource, a scope or a record', () => {
    const add = (path: string) => `set(${path}["count"], ${path}["count"] + 1)`;
    const chain = chainOf({
      log_statements: [
        { context: 'resource', statements: [add('attributes')] },
        { context: 'log', statements: ['set(attributes["count"], resource.attributes["count"] + attributes["n"])'] },
      ],
    });
    const out = chain.run(entry(new RecordResource({ attributes: { count: 10 } })));
    assert.deepEqual(
      out.map(({ attributes }) => attributes.count),
      [11, 12],
    );
    assert.deepEqual(out[0]?.resource.attributes, { count: 11 });
  });

  it('changes no resource in place, and lets equal results be one object', () => {
    const chain = chainOf({ log_statements: ['set(resource.attributes["a"], 1)', 'set(scope.version, "2")'] });
    const resource = new RecordResource({ attributes: { b: 2 } });
    const [first, second] = chain.run(entry(resource));
    assert.deepEqual(resource.attributes, { b: 2 });
    assert.deepEqual(first?.resource.attributes, { b: 2, a: 1 });
    assert.equal(first?.instrumentationScope.version, '2');
    assert.equal(first?.resource, second?.resource);
    assert.equal(chain.run(entry(resource))[0]?.resource, first?.resource);
  });

  it('leaves a resource that nothing writes to as it is', () => {
    const resource = new RecordResource({ attributes: { b: 2 } });
    const [record] = chainOf({ log_statements: ['set(log.attributes["a"], resource.attributes["b"])'] }).run(
      entry(resource, 1),
    );
    assert.equal(record?.resource, resource);
    const [same] = chainOf({ log_statements: ['set(resource.attributes["b"], 2)'] }).run(entry(resource, 1));
    assert.equal(same?.resource, resource);
  });

  it('keeps the cache for one group and one record', () => {
    const chain = chainOf({
      log_statements: [
        {
          context: 'log',
          statements: ['set(attributes["seen"], cache["x"])', 'set(cache["x"], 1)', 'set(attributes["x"], cache["x"])'],
        },
        { context: 'log', statements: ['set(attributes["later"], cache["x"])'] },
      ],
    });
    for (const { attributes } of chain.run(entry(new RecordResource()))) {
      assert.deepEqual([attributes.seen, attributes.x, attributes.later], [undefined, 1, undefined]);
    }
  });

  it('runs a group where one of its conditions holds', () => {
    const chain = chainOf({
      log_statements: [
        { conditions: ['log.attributes["n"] == 1', 'log.body == "never"'], statements: ['set(log.event_name, "one")'] },
      ],
    });
    assert.deepEqual(
      chain.run(entry(new RecordResource())).map(({ eventName }) => eventName),
      [undefined, 'one'],
    );
  });

  it('goes on after a failure, and tells of it once a minute and without values', async () => {
    const lines: [string, LogFields | undefined][] = [];
    const failing = 'set(log.severity_text, log.attributes["n"])';
    const chain = chainOf({ log_statements: [failing, 'set(log.event_name, "after")'] }, lines);
    const out = chain.run(entry(new RecordResource(), 3));
    assert.deepEqual(
      out.map(({ eventName }) => eventName),
      ['after', 'after', 'after'],
    );
    const reason = 'expects string but got int64';
    assert.deepEqual(lines, [['failed to execute statement', { statement: failing, reason }]]);
    await clock.advance(61_000);
    chain.run(entry(new RecordResource(), 1));
    assert.deepEqual(lines[1]?.[1], { statement: failing, reason, failures_since: 3 });
  });

  it('says nothing in silence, and refuses the entry where errors propagate', () => {
    const lines: [string, LogFields | undefined][] = [];
    const statements = ['set(log.severity_text, 1)'];
    chainOf({ error_mode: 'SILENT', log_statements: statements }, lines).run(entry(new RecordResource()));
    assert.deepEqual(lines, []);
    const strict = chainOf({ log_statements: [{ error_mode: 'propagate', statements }] }, lines);
    assert.throws(
      () => strict.run(entry(new RecordResource())),
      /failed to execute statement: set\(.*\), expects string/,
    );
  });
});
