import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ahead } from '../../src/delivery/ahead.ts';
import type { Entry } from '../../src/journal/journal.ts';

const entries = (count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ position: index + 1, source: 'in', receivedAt: 0, records: 1, metadata: {} },
    body: Buffer.from(`${index + 1}`),
  }));

describe('work that is done elsewhere', () => {
  it('is asked for in groups, one ahead of who needs it, and each once', async () => {
    const asked: number[][] = [];
    const offload = async (given: readonly Entry[]) => {
      asked.push(given.map(({ position }) => position));
      return given.map(() => []);
    };
    const ahead = new Ahead(entries(80), offload, (entry) => (entry.position === 3 ? undefined : entry));
    await ahead.reach(0);
    assert.deepEqual(
      asked.map((group) => [group[0], group.length]),
      [
        [1, 31],
        [33, 32],
      ],
    );
    assert.deepEqual(ahead.at(0), []);
    assert.equal(ahead.at(2), undefined);
    assert.ok(ahead.has(31) && !ahead.has(32));
    await ahead.reach(32);
    assert.deepEqual(
      asked.map((group) => group[0]),
      [1, 33, 65],
    );
    await ahead.reach(79);
    assert.equal(asked.length, 3);
    assert.deepEqual(ahead.at(79), []);
  });

  it('is not done where nobody does it', async () => {
    const ahead = new Ahead(
      entries(3),
      () => undefined,
      (entry) => entry,
    );
    await ahead.reach(0);
    assert.ok(ahead.has(2));
    assert.equal(ahead.at(1), undefined);
  });
});
