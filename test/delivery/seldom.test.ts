import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seldom } from '../../src/delivery/seldom.ts';
import { FakeClock } from '../support/fake-clock.ts';

test('what happens often is told at once, then once a minute with all that came between', async () => {
  const clock = new FakeClock(0);
  const seldom = new Seldom(clock);
  assert.equal(seldom.due(1), 1);
  assert.equal(seldom.due(3), 0);
  await clock.advance(59_999);
  assert.equal(seldom.due(1), 0);
  await clock.advance(1);
  assert.equal(seldom.due(2), 6);
  assert.equal(seldom.due(1), 0);
});
