import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  NEVER,
  parseThreshold,
  probabilityOf,
  randomnessOfHash,
  seededHash,
  thresholdOf,
  thresholdText,
} from '../../src/processors/probabilistic_sampler/randomness.ts';
import { after, chain, record } from './through.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const sampled = (settings: object, fields: Parameters<typeof record>[0] = {}) =>
  after('probabilistic_sampler', settings, fields ?? {});

describe('thresholds', () => {
  it('stand for their probability, and are read as they are written', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2 ** -56, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 14 }),
        (p, precision) => {
          const threshold = thresholdOf(p, precision) as bigint;
          assert.equal(parseThreshold(thresholdText(threshold)), threshold);
          assert.ok(
            Math.abs(probabilityOf(threshold) - p) <= p * 16 ** -(precision - 1) + 2 ** -56,
            `${p} ${precision}`,
          );
        },
      ),
    );
  });

  it('are more exact near 0 and 1', () => {
    assert.equal(thresholdText(thresholdOf(0.5, 4) as bigint), '8');
    assert.equal(thresholdText(thresholdOf(1 / 3, 3) as bigint), 'aab');
    assert.equal(thresholdText(thresholdOf(0.00001, 3) as bigint), 'ffff584');
    assert.equal(thresholdOf(2, 4), undefined);
    assert.equal(thresholdOf(2 ** -57, 4), undefined);
  });
});

it('the hash is FNV-1a, and the randomness of every hash is one', () => {
  // Of the algorithm: "a" after four zeros.
  let expected = 0x811c9dc5n;
  for (const byte of [0n, 0n, 0n, 0n, 97n]) expected = ((expected ^ byte) * 0x01000193n) & 0xffffffffn;
  assert.equal(seededHash(Buffer.from('a'), 0), Number(expected));
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (hash) => {
      const randomness = randomnessOfHash(hash);
      assert.ok(randomness >= 0n && randomness < NEVER);
      assert.equal(randomness >> 42n, BigInt(0x3fff - (hash & 0x3fff)));
    }),
  );
});

describe('the processor `probabilistic_sampler`', () => {
  const ids = Array.from({ length: 2000 }, (_, i) => `conversation-${i}`);
  const kept = (percentage: number) => {
    const processor = chain([
      'probabilistic_sampler',
      { sampling_percentage: percentage, attribute_source: 'record', from_attribute: 'id' },
    ]);
    return ids.filter((id) => processor.run([record({ attributes: { id } })]).length === 1);
  };

  it('keeps about as many as it says, and of fewer none that more would not keep', () => {
    const [few, many] = [kept(10), kept(30)];
    assert.ok(Math.abs(few.length - 200) < 60, String(few.length));
    assert.ok(Math.abs(many.length - 600) < 90, String(many.length));
    assert.ok(few.every((id) => many.includes(id)));
    assert.equal(kept(0).length, 0);
    assert.equal(kept(100).length, ids.length);
  });

  it('tells what it did, and leaves what others said', () => {
    const settings = { sampling_percentage: 100, mode: 'equalizing' };
    assert.deepEqual(sampled(settings, { traceId: TRACE }), { 'sampling.threshold': '0' });
    const given = { 'sampling.threshold': '8' };
    assert.deepEqual(sampled(settings, { traceId: TRACE, attributes: given }), given);
    assert.equal(sampled({ sampling_percentage: 100 }, { traceId: TRACE, attributes: given }), undefined);
  });

  it('drops what gives no randomness, unless it is open; a priority of its own keeps it', () => {
    assert.equal(sampled({ sampling_percentage: 99 }), undefined);
    assert.notEqual(sampled({ sampling_percentage: 1, fail_closed: false }), undefined);
    const settings = { sampling_percentage: 1, sampling_priority: 'p' };
    assert.notEqual(sampled(settings, { attributes: { p: 50 } }), undefined);
    assert.equal(sampled(settings, { attributes: { p: '50' } }), undefined);
  });
});
