import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../../src/receivers/intercom/limits.ts';

describe('the budget of bytes', () => {
  it('is never exceeded, is given in turn, and is whole again at the end', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), bytes: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ kind: fc.constant('release' as const), index: fc.nat() }),
      fc.record({ kind: fc.constant('give up' as const), index: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const budget = new ByteBudget(100);
        const held: number[] = [];
        const waiting: { bytes: number; giveUp: () => void }[] = [];
        const granted = (waiter: (typeof waiting)[number]) => {
          assert.equal(waiting.shift(), waiter, 'the one that waited for the longest time');
          held.push(waiter.bytes);
        };
        for (const action of steps) {
          if (action.kind === 'take') {
            const { bytes } = action;
            const mayPass = bytes === 0 || (waiting.length === 0 && budget.taken + bytes <= 100);
            assert.equal(budget.tryTake(bytes), mayPass);
            if (mayPass) held.push(bytes);
            else {
              const waiter = { bytes, giveUp: () => {} };
              waiting.push(waiter);
              waiter.giveUp = budget.wait(bytes, () => granted(waiter));
            }
          } else if (action.kind === 'release' && held.length > 0) {
            budget.release(held.splice(action.index % held.length, 1)[0] as number);
          } else if (action.kind === 'give up' && waiting.length > 0) {
            waiting.splice(action.index % waiting.length, 1)[0]?.giveUp();
          }
          assert.equal(
            budget.taken,
            held.reduce((sum, bytes) => sum + bytes, 0),
          );
          assert.ok(budget.taken <= 100);
          const [first] = waiting;
          assert.ok(!first || budget.taken + first.bytes > 100, 'nobody waits beside room');
        }
        while (held.length > 0) budget.release(held.pop() as number);
        assert.deepEqual([budget.taken, waiting.length], [0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('that is overdrawn makes later comers wait until all of it is back', () => {
    const budget = new ByteBudget(10);
    budget.overdraw(15);
    let passed = false;
    assert.equal(budget.tryTake(10), false);
    budget.wait(10, () => {
      passed = true;
    });
    budget.release(14);
    assert.equal(passed, false);
    budget.release(1);
    assert.equal(passed, true);
    assert.throws(() => budget.release(11), /^Error: BUG:/);
  });
});
