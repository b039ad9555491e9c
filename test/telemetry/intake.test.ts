import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IntakeCounts } from '../../src/telemetry/intake.ts';

describe('what came in', () => {
  it('is counted by receiver, and together', () => {
    const counts = new IntakeCounts(['a', 'quiet']);
    counts.accept('a', 3);
    counts.accept('b', 1);
    counts.duplicate('a', 2);
    counts.refuse('a', 'signature');
    counts.refuse('a', 'signature');
    counts.refuse('b', 'signature');
    counts.refuse('b', 'full');
    assert.deepEqual([counts.accepted, counts.duplicates], [4, 2]);
    assert.deepEqual(counts.refused, { signature: 3, full: 1 });
    assert.deepEqual(counts.receivers, [
      { receiver: 'a', accepted: 3, duplicates: 2, refused: { signature: 2 } },
      { receiver: 'quiet', accepted: 0, duplicates: 0, refused: {} },
      { receiver: 'b', accepted: 1, duplicates: 0, refused: { signature: 1, full: 1 } },
    ]);
  });
});

describe('a wrong secret', () => {
  it('is suspected from the first wrong signature on, while none was right', () => {
    const counts = new IntakeCounts(['a', 'b']);
    counts.accept('b', 1);
    counts.refuse('a', 'path');
    assert.deepEqual(counts.wrongSecrets, []);
    counts.refuse('a', 'signature');
    counts.refuse('b', 'signature');
    assert.deepEqual(counts.wrongSecrets, [{ receiver: 'a', wrong: 1 }]);
  });

  it('is suspected later when many are wrong in a row: it was changed', () => {
    const counts = new IntakeCounts();
    counts.accept('a', 1);
    for (let i = 0; i < 9; i++) counts.refuse('a', 'signature');
    assert.deepEqual(counts.wrongSecrets, []);
    counts.duplicate('a', 1);
    for (let i = 0; i < 9; i++) counts.refuse('a', 'signature');
    assert.deepEqual(counts.wrongSecrets, [], 'a duplicate had a right one');
    counts.refuse('a', 'signature');
    assert.deepEqual(counts.wrongSecrets, [{ receiver: 'a', wrong: 10 }]);
    counts.accept('a', 1);
    assert.deepEqual(counts.wrongSecrets, []);
  });
});
