import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isDeliveryName, isOfDelivery, partsOf } from '../../src/control/delivery-names.ts';
import { letterIds } from '../../src/control/letter-ids.ts';
import { patternTest } from '../../src/control/pattern.ts';
import {
  parseReplayName,
  type ReplayPlan,
  readReplayMemo,
  replayMemo,
  replayName,
  replayTest,
} from '../../src/control/replay-request.ts';
import { parseInstant, parseTime } from '../../src/control/times.ts';
import type { Entry } from '../../src/journal/journal.ts';

describe('a pattern', () => {
  test('`*` stands for any characters, everything else for itself', () => {
    const cases: [pattern: string, text: string, matches: boolean][] = [
      ['conversation.*', 'conversation.user.replied', true],
      ['conversation.*', 'conversation', false],
      ['*.replied', 'conversation.user.replied', true],
      ['conversation.*.replied', 'conversation.replied', false],
      ['*user*', 'conversation.user.replied', true],
      ['a*a', 'a', false],
      ['a*b*b', 'ab', false],
      ['*ab*ab', 'ab', false],
      ['', '', true],
      ['', 'x', false],
      ['*', '', true],
      ['ping', 'ping', true],
      ['ping', 'pingu', false],
      ['p.ng', 'ping', false],
    ];
    for (const [pattern, text, matches] of cases)
      assert.equal(patternTest(pattern)(text), matches, `${pattern} ${text}`);
  });

  test('agrees with a regular expression, and takes no longer for a hostile one', () => {
    const characters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 12 });
    fc.assert(
      fc.property(characters, characters, (pattern, text) => {
        const expression = pattern.split('*').map((part) => part.replaceAll('.', '\\.'));
        assert.equal(patternTest(pattern)(text), new RegExp(`^${expression.join('.*')}$`).test(text));
      }),
      { numRuns: 2000 },
    );
    assert.equal(patternTest(`${'a*'.repeat(2000)}b`)('a'.repeat(100_000)), false);
  });
});

describe('a time', () => {
  test('is RFC 3339; a date is its midnight in UTC; a time of day says its zone', () => {
    assert.equal(parseInstant('2026-01-31T12:30:00Z'), Date.UTC(2026, 0, 31, 12, 30));
    assert.equal(parseInstant('2026-01-31t12:30:00.5+02:00'), Date.UTC(2026, 0, 31, 10, 30, 0, 500));
    assert.equal(parseInstant('2026-01-31 12:30Z'), Date.UTC(2026, 0, 31, 12, 30));
    assert.equal(parseInstant('2026-01-31'), Date.UTC(2026, 0, 31));
    for (const wrong of [
      '2026-01-31T12:30:00',
      '2026-02-31',
      '2026-13-01',
      '2026-01-31T25:00:00Z',
      'yesterday',
      '',
      '12:00Z',
    ])
      assert.equal(parseInstant(wrong), undefined, wrong);
  });

  test('of a command may be how long ago', () => {
    const now = Date.UTC(2026, 0, 10);
    assert.equal(parseTime('2h', now), now - 2 * 3600_000);
    assert.equal(parseTime('1h30m', now), now - 90 * 60_000);
    assert.equal(parseTime('7d', now), Date.UTC(2026, 0, 3));
    assert.equal(parseTime('2026-01-31T12:30:00Z', now), Date.UTC(2026, 0, 31, 12, 30));
    for (const wrong of ['-2h', '2', 'h', '2w']) assert.equal(parseTime(wrong, now), undefined, wrong);
  });
});

describe('a replay', () => {
  const entry = (more: Partial<Entry> = {}): Entry => ({
    position: 7,
    source: 'intercom',
    receivedAt: 1000,
    records: 1,
    metadata: {},
    body: Buffer.from('x'),
    ...more,
  });
  const plan: ReplayPlan = { to: 9, from: null, until: null, topic: null, rate: 100, asked: 'everything' };

  test('has a name that no delivery has, and that gives its parts back', () => {
    const parts = { id: 'a1b2c3', pipeline: 'logs/eu', exporter: 'otlp_http/grafana' };
    const name = replayName(parts);
    assert.deepEqual(parseReplayName(name), parts);
    assert.equal(isDeliveryName(name), false);
    for (const other of ['logs otlp_http', 'replay logs', 'replay  logs otlp_http', 'replay x logs otlp http'])
      assert.equal(parseReplayName(other), undefined, other);
    assert.deepEqual(partsOf(name), { pipeline: 'logs/eu', exporter: 'otlp_http/grafana' });
    for (const wanted of ['otlp_http/grafana', 'logs/eu otlp_http/grafana'])
      assert.ok(isOfDelivery(name, wanted), wanted);
    for (const wanted of ['otlp_http', 'logs otlp_http/grafana', 'replay'])
      assert.ok(!isOfDelivery(name, wanted), wanted);
  });

  test('gives its plan back from the memo', () => {
    const times = fc.option(fc.integer());
    const plans = fc.record(
      {
        to: fc.nat(),
        from: times,
        until: times,
        topic: fc.option(fc.string()),
        rate: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        asked: fc.string(),
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(plans, (one) => assert.deepEqual(readReplayMemo({ memo: replayMemo(one) }), one)));
  });

  test('has no plan where the memo is absent, foreign or damaged', () => {
    const wrong = [
      '',
      'null',
      '{}',
      '{"to":"9","rate":1}',
      '{"to":9,"rate":1,"asked":""',
      '[1]',
      '{"to":9,"rate":1,"topic":4}',
    ];
    for (const memo of wrong) assert.equal(readReplayMemo({ memo: { replay: memo } }), undefined, memo);
    assert.equal(readReplayMemo({}), undefined);
  });

  test('takes entries by receipt and topic, and nothing that was erased', () => {
    const topicOf = ({ metadata }: Entry) => metadata.topic;
    const topic = (text: string) => entry({ metadata: { topic: text } });
    const all = replayTest(plan, topicOf);
    assert.deepEqual([all(entry()), all(entry({ erased: true }))], [true, false]);
    const timed = replayTest({ ...plan, from: 1000, until: 2000 }, topicOf);
    const times = [999, 1000, 1999, 2000].map((receivedAt) => timed(entry({ receivedAt })));
    assert.deepEqual(times, [false, true, true, false]);
    const byTopic = replayTest({ ...plan, topic: 'ticket.*' }, topicOf);
    assert.deepEqual(
      [byTopic(topic('ticket.created')), byTopic(topic('ping')), byTopic(entry())],
      [true, false, false],
    );
  });
});

test('ids of letters are stable, safe to type, and differ by delivery and position', () => {
  const idOf = letterIds();
  const id = idOf({ delivery: 'logs coralogix', position: 42 });
  assert.match(id, /^[0-9a-f]{10}-42$/);
  assert.equal(letterIds()({ delivery: 'logs coralogix', position: 42 }), id);
  const others = [
    idOf({ delivery: 'logs coralogix', position: 43 }),
    idOf({ delivery: 'logs/eu coralogix', position: 42 }),
  ];
  assert.equal(new Set([id, ...others]).size, 3);
});
