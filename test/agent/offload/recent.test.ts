import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Recent } from '../../../src/agent/offload/recent.ts';
import type { Entry } from '../../../src/journal/journal.ts';

const entry = (position: number, size = 1): Entry => ({
  ...{ position, source: 'in', receivedAt: 0, records: 1, metadata: {} },
  body: new Uint8Array(size),
});

describe('what was made of the last entries', () => {
  it('is made once for all who ask, also for those who ask while it is made', async () => {
    const recent = new Recent();
    const asked: number[][] = [];
    const make = async (entries: readonly Entry[]) => {
      asked.push(entries.map(({ position }) => position));
      return entries.map(({ position }) => (position === 2 ? undefined : []));
    };
    const [one, two] = await Promise.all([
      recent.make([entry(1), entry(2)], make),
      recent.make([entry(2), entry(3)], make),
    ]);
    assert.deepEqual(asked, [[1, 2], [3]]);
    assert.deepEqual(one, [[], undefined]);
    assert.deepEqual(two, [undefined, []]);
    assert.equal((await recent.make([entry(1)], make))[0], one[0]);
  });

  it('is forgotten beyond some bytes, the first ones first', async () => {
    const recent = new Recent();
    const asked: number[] = [];
    const make = async (entries: readonly Entry[]) => {
      asked.push(...entries.map(({ position }) => position));
      return entries.map(() => []);
    };
    const large = 700 * 1024;
    await recent.make([entry(1, large), entry(2, large), entry(3, large)], make);
    await recent.make([entry(2, large), entry(1, large)], make);
    assert.deepEqual(asked, [1, 2, 3, 1]);
  });
});
