import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OttlError } from '../../src/ottl/error.ts';
import { FailureLog } from '../../src/ottl/failure-log.ts';
import type { Log, LogFields } from '../../src/telemetry/log.ts';
import { FakeClock } from '../support/fake-clock.ts';

function recording(): { log: Log; told: (LogFields | undefined)[] } {
  const told: (LogFields | undefined)[] = [];
  const add = (_: string, fields?: LogFields) => void told.push(fields);
  const log: Log = { debug: add, info: add, warn: add, error: add, with: () => log };
  return { log, told };
}

test('texts of a statement, which may come from a secret, are not told; its paths are', () => {
  const { log, told } = recording();
  const failures = new FailureLog(log, new FakeClock());
  const error = new OttlError('expected string but got int64');
  failures.add(
    'statement',
    'set(log.attributes["a"]["b \\" c"], Concat(["planted", log.body[0]], "planted \\" too"))',
    error,
  );
  assert.deepEqual(told, [
    {
      statement: 'set(log.attributes["a"]["b \\" c"], Concat(["…", log.body[0]], "…"))',
      reason: 'expected string but got int64',
    },
  ]);
});

test('a statement that goes on failing is told once a minute, with the number', async () => {
  const { log, told } = recording();
  const clock = new FakeClock();
  const failures = new FailureLog(log, clock);
  for (let time = 0; time < 3; time++) failures.add('condition', 'a == 1', new OttlError('x'));
  await clock.advance(60_000);
  failures.add('condition', 'a == 1', new OttlError('x'));
  assert.deepEqual(told, [{ condition: 'a == 1' }, { condition: 'a == 1', failures_since: 3 }]);
});
