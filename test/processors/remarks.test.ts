import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chain, loaded, record } from './through.ts';

const PROCESSORS = `  batch: { send_batch_size: 100.5, metadata_cardinality_limit: 4294967297 }
  memory_limiter: { check_interval: 1s, limit_mib: 400 }
  resourcedetection:
`;

test('`batch` and `memory_limiter` pass records on as they are', () => {
  const records = [record(), record()];
  assert.deepEqual(
    chain(['memory_limiter', { check_interval: '1s', limit_mib: 1 }], ['batch', {}]).run(records),
    records,
  );
});

test('a note says that they do nothing, and a warning what becomes of numbers that do not fit', async () => {
  const { settings, diagnostics } = await loaded(PROCESSORS);
  assert.deepEqual(
    diagnostics.map(({ severity, path }) => [severity, path]),
    [
      ['note', 'processors::batch'],
      ['warning', 'processors::batch::send_batch_size'],
      ['warning', 'processors::batch::metadata_cardinality_limit'],
      ['note', 'processors::memory_limiter'],
      ['note', 'processors'],
    ],
  );
  const batch = settings('batch') as Record<string, number>;
  assert.deepEqual([batch.send_batch_size, batch.metadata_cardinality_limit], [100, 1]);
});

test('numbers below zero are refused', async () => {
  const { diagnostics } = await loaded(PROCESSORS.replace('100.5', '-1'));
  assert.match(diagnostics.find(({ severity }) => severity === 'error')?.message ?? '', /: -1 overflows uint/);
});

test('settings that are right and drop everything are warned of', async () => {
  const warnings = async (processors: string) => {
    const { diagnostics } = await loaded(processors);
    return diagnostics.map(({ severity, path }) => [severity, path]);
  };
  const sampler = 'processors::probabilistic_sampler';
  assert.deepEqual(await warnings('  redaction:'), [['warning', 'processors::redaction']]);
  assert.deepEqual(await warnings('  redaction: { allow_all_keys: true }'), []);
  assert.deepEqual(await warnings('  probabilistic_sampler:'), [['warning', `${sampler}::sampling_percentage`]]);
  assert.deepEqual(await warnings('  probabilistic_sampler: { sampling_percentage: 10 }'), [['warning', sampler]]);
  const named = '{ sampling_percentage: 10, from_attribute: intercom.notification.id }';
  assert.deepEqual(await warnings(`  probabilistic_sampler: ${named}`), []);
});
