import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentContext } from '../../src/component.ts';
import { noAuthenticators } from '../../src/net/auth.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import { config } from '../../src/processors/logdedup/config.ts';
import { createLogDedup } from '../../src/processors/logdedup/logdedup.ts';
import { timestampWriter } from '../../src/processors/logdedup/timestamp.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { double, type Value } from '../../src/record/value.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

const context: ComponentContext = {
  ...{ id: 'logdedup', log: silentLog, clock: new FakeClock(), random: () => 0, version: '0' },
  authenticators: noAuthenticators,
};
const resource = resourceFromAttributes({ 'service.name': 'a' });
const scope = { name: 'test' };

function record(attributes: Record<string, Value>, body: Value = 'text', at = 1_700_000_000): LogRecord {
  return new LogRecord({
    ...{ hrTime: [1, 0], hrTimeObserved: [at, 0], severityNumber: 9, severityText: 'INFO' },
    ...{ body, attributes, resource, instrumentationScope: scope },
  });
}

function join(settings: object, ...records: LogRecord[]) {
  return createLogDedup(config.parse(settings), context)
    .join(records)
    .map(({ record: { attributes, body, hrTime, hrTimeObserved }, of }) => ({
      ...{ of, body, attributes, hrTime, hrTimeObserved },
    }));
}

test('equal records become one, which says how many there were and when', () => {
  const [one, other, ...none] = join(
    { timezone: 'Europe/Berlin', log_count_attribute: 'n' },
    record({ a: 1, b: [1, 'x'] }, { x: 1, y: 2 }, 1_700_000_010),
    record({ a: double(1) }, 'text', 1_700_000_020),
    record({ b: [1, 'x'], a: 1 }, { y: 2, x: 1 }, 1_700_000_000),
    record({ a: 1, b: [1, 'x'] }, { x: 1, y: 2 }, 1_700_000_030),
  );
  assert.equal(none.length, 0);
  assert.deepEqual(one, {
    of: [0, 2, 3],
    body: { x: 1, y: 2 },
    attributes: {
      ...{ a: 1, b: [1, 'x'], n: 3 },
      first_observed_timestamp: '2023-11-14T23:13:20+01:00',
      last_observed_timestamp: '2023-11-14T23:13:50+01:00',
    },
    hrTime: [1_700_000_030, 0],
    hrTimeObserved: [1_700_000_000, 0],
  });
  assert.deepEqual([other?.of, other?.attributes.n], [[1], 1]);
});

test('what is given is not changed: it may have been encoded', () => {
  const given = record({ a: 1 });
  join({ exclude_fields: ['attributes.a'] }, given);
  assert.deepEqual(given.attributes, { a: 1 });
});

test('fields may be left out of the comparison, and then they are left out of what is sent', () => {
  const [one, ...none] = join(
    { exclude_fields: ['attributes.id', 'body.data.at', 'attributes.a\\.b'] },
    record({ id: 1, 'a.b': 1, keep: 1 }, { data: { at: 1, what: 'x' } }),
    record({ id: 2, 'a.b': 2, keep: 1 }, { data: { at: 2, what: 'x' } }),
  );
  assert.equal(none.length, 0);
  assert.deepEqual([one?.of, one?.body], [[0, 1], { data: { what: 'x' } }]);
  assert.deepEqual(Object.keys(one?.attributes ?? {}).slice(0, 2), ['keep', 'log_count']);
});

test('or be the only ones compared; a record that has none of them is compared as a whole', () => {
  const joined = join(
    { include_fields: ['attributes.topic', 'body.user'] },
    record({ topic: 't', id: 1 }, { user: 1 }),
    record({ topic: 't', id: 2 }, { user: 1 }),
    record({ topic: 't', id: 3 }, { user: 2 }),
    record({ id: 4 }),
    record({ id: 5 }),
  );
  assert.deepEqual(
    joined.map(({ of }) => of),
    [[0, 1], [2], [3], [4]],
  );
  assert.deepEqual(joined[0]?.attributes.id, 1);
});

test('records that no condition names go on as they are; a condition that fails does not hold', () => {
  const joined = join(
    { conditions: ['log.attributes["a"] == 1', 'Substring(log.attributes["absent"], 0, 1) == "x"'] },
    record({ a: 1 }),
    record({ a: 2 }),
    record({ a: 1 }),
    record({ a: 2 }),
  );
  assert.deepEqual(
    joined.map(({ of, attributes }) => [of, attributes.log_count]),
    [
      [[0, 2], 2],
      [[1], undefined],
      [[3], undefined],
    ],
  );
});

test('resources and scopes count by what they say', () => {
  const [a, b, c] = [record({}), record({}), record({})];
  b.resource = resourceFromAttributes({ 'service.name': 'a' });
  c.resource = resourceFromAttributes({ 'service.name': 'c' });
  assert.deepEqual(
    join({}, a, b, c).map(({ of }) => of),
    [[0, 1], [2]],
  );
});

test('settings that can not work are refused in the words of the Collector', () => {
  for (const [settings, expected] of [
    [{ interval: '0s' }, 'interval must be greater than 0'],
    [{ log_count_attribute: '' }, 'log_count_attribute must be set'],
    [{ timezone: 'Mars/Olympus' }, 'timezone is invalid: unknown time zone'],
    [{ exclude_fields: ['body'] }, 'cannot exclude the entire body'],
    [{ include_fields: ['resource.a'] }, 'an include_fields must start with body or attributes'],
    [{ exclude_fields: ['body.a', 'body.a'] }, 'duplicate exclude_field body.a'],
    [
      { exclude_fields: ['body.a'], include_fields: ['body.b'] },
      'cannot define both exclude_fields and include_fields',
    ],
  ] as const) {
    const result = config.safeParse(settings);
    assert.deepEqual(result.success ? [] : result.error.issues.map(({ message }) => message), [expected]);
  }
});

test('times are those of the zone', () => {
  for (const [zone, expected] of [
    ['UTC', '2023-11-14T22:13:20Z'],
    ['Asia/Kolkata', '2023-11-15T03:43:20+05:30'],
    ['America/New_York', '2023-11-14T17:13:20-05:00'],
    ['Europe/London', '2023-11-14T22:13:20Z'],
  ] as const) {
    assert.equal(timestampWriter(zone)([1_700_000_000, 0]), expected);
  }
});
