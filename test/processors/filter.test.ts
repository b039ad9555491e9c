import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chain } from '../../src/delivery/chain.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { factory } from '../../src/processors/filter/index.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { type Fields, recordOf } from '../ottl/run.ts';
import { FakeClock } from '../support/fake-clock.ts';

function left(settings: object, ...records: Fields[]): unknown[] {
  const config = factory.config.parse(settings);
  assert.deepEqual(factory.check?.(config) ?? [], []);
  const clock = new FakeClock(0);
  const context = {
    id: 'filter',
    log: silentLog,
    clock,
    random: () => 0.5,
    version: '0',
    authenticators: noAuthenticators,
  };
  const chain = new Chain((next) => factory.create(config, context, next), assert.fail);
  return chain.run(records.map(recordOf)).map(({ body }) => body);
}

function problems(settings: object): string[] {
  return (factory.check?.(factory.config.parse(settings)) ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('the processor filter', () => {
  it('drops what any condition holds for', () => {
    const log_conditions = ['log.body == "a"', 'resource.attributes["r"] == 1', 'scope.name == "none"'];
    assert.deepEqual(left({ log_conditions }, { body: 'a' }, { body: 'b' }, { body: 'c', resource: { r: 1 } }), ['b']);
    assert.deepEqual(left({ logs: { log_record: ['body == "a"'] } }, { body: 'a' }, { body: 'b' }), ['b']);
    assert.deepEqual(left({ logs: { resource: ['attributes["r"] == 1'] } }, { body: 'a', resource: { r: 1 } }), []);
  });

  it('keeps what a condition fails on, or the whole entry back', () => {
    const log_conditions = ['log.body["x"] == 1'];
    assert.deepEqual(left({ log_conditions }, { body: 'text' }, { body: { x: 1 } }), ['text']);
    assert.throws(
      () => left({ error_mode: 'propagate', log_conditions }, { body: 'text' }),
      /failed to eval condition/,
    );
  });

  it('has the old include and exclude', () => {
    const include = { match_type: 'regexp', bodies: ['^a'], severity_number: { min: 'WARN' } };
    const records = [
      { body: 'ab', severityNumber: 13 },
      { body: 'ba', severityNumber: 13 },
      { body: 'ac', severityNumber: 9 },
    ];
    assert.deepEqual(left({ logs: { include } }, ...records), ['ab']);
    const exclude = { match_type: 'strict', record_attributes: [{ key: 'n', value: 1 }, { key: 'k' }] };
    const attributes = { n: 1, k: null };
    assert.deepEqual(left({ logs: { exclude } }, { body: 1, attributes }, { body: 2, attributes: { n: 1 } }), [2]);
    assert.deepEqual(left({ logs: { include: {} } }, { body: 1 }), [1]);
  });

  it('says what is wrong', () => {
    assert.match(problems({ log_conditions: ['true'] })[0] as string, /^log_conditions.0: unable to infer context/);
    assert.match(
      problems({ log_conditions: ['log.body == nil', 'log.nope == 1'] })[0] as string,
      /^log_conditions.1: segment "nope"/,
    );
    assert.match(
      problems({ logs: { log_record: ['set(body, 1)'] } })[0] as string,
      /^logs.log_record.0: condition has invalid/,
    );
    assert.match(
      problems({ logs: { include: { bodies: ['x'] } } })[0] as string,
      /^logs.include.match_type: .*unrecognized match_type: ''/,
    );
    assert.match(
      problems({ logs: { include: { match_type: 'regexp', bodies: ['('] } } })[0] as string,
      /^logs.include.bodies: .*missing closing \)/,
    );
    assert.match(problems({ logs: { log_record: [], include: {} } })[0] as string, /^logs: cannot use "logs.resource"/);
    assert.match(problems({ metrics: { metric: ['true'] } })[0] as string, /^metrics: without effect/);
  });
});
