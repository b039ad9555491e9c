import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { AnyFactory, ReceiverFactory } from '../../src/component.ts';
import type { AgentConfig } from '../../src/config/model.ts';
import { dataDirectoryOf, journalLimitOf, storageOf } from '../../src/control/data-directory.ts';
import { entryFacts } from '../../src/control/entry-facts.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { factories } from '../../src/registry.ts';

const storage = factories.find(({ type }) => type === 'file_storage');
assert.ok(storage?.kind === 'extension');
const health = factories.find(({ type }) => type === 'health_check');
assert.ok(health?.kind === 'extension');

/** A configuration that uses these storages, in this order. */
function using(...blocks: [id: string, block: object][]): Pick<AgentConfig, 'service' | 'extensions' | 'factories'> {
  const extensions = new Map(
    blocks.map(([id, block]) => {
      const type = id.split('/')[0] as string;
      const factory = type === 'health_check' ? health : storage;
      return [id, { id, type, factory, config: factory?.config.parse(block) }];
    }),
  ) as unknown as AgentConfig['extensions'];
  const service = { extensions: blocks.map(([id]) => id) } as unknown as AgentConfig['service'];
  return { service, extensions, factories };
}

describe('the data directory of a configuration', () => {
  test('is that of the storage which the service uses, else the default', () => {
    const named = using(['health_check', {}], ['file_storage/x', { directory: '/var/lib/agent', max_bytes: '2GiB' }]);
    assert.deepEqual([storageOf(named).id, dataDirectoryOf(named)], ['file_storage/x', '/var/lib/agent']);
    assert.equal(journalLimitOf(named), 2 * 1024 ** 3);
    const unused = { ...named, service: using(['health_check', {}]).service };
    for (const config of [using(), unused]) {
      assert.deepEqual([storageOf(config).id, dataDirectoryOf(config)], ['file_storage', resolve('data')]);
      assert.equal(journalLimitOf(config), undefined);
    }
  });

  test('is not guessed where two storages are used', () => {
    const two = using(['file_storage', {}], ['file_storage/x', {}]);
    assert.throws(() => storageOf(two), /file_storage and file_storage\/x are both a storage/);
  });
});

test('what an entry is about is asked of the type of receiver that took it, whatever its name, and never of an erased one', () => {
  const receiver = {
    kind: 'receiver',
    type: 'hooks',
    topicOf: ({ metadata }: Entry) => metadata.topic,
    mentions: ({ metadata }: Entry, person: string) => metadata.person === person,
  } as unknown as ReceiverFactory;
  const silent = { kind: 'receiver', type: 'silent' } as unknown as ReceiverFactory;
  const exporter = { kind: 'exporter', type: 'other' } as unknown as AnyFactory;
  const { topicOf, mentions } = entryFacts([receiver, silent, exporter]);
  const entry = (source: string, more: Partial<Entry> = {}): Entry => ({
    source,
    position: 1,
    receivedAt: 0,
    records: 1,
    metadata: { topic: 'ping', person: 'ada' },
    body: Buffer.alloc(0),
    ...more,
  });
  for (const source of ['hooks', 'hooks/eu'])
    assert.deepEqual([topicOf(entry(source)), mentions(entry(source), 'ada')], ['ping', true]);
  for (const one of [entry('silent'), entry('other'), entry('gone/x'), entry('hooks', { erased: true })])
    assert.deepEqual([topicOf(one), mentions(one, 'ada')], [undefined, false]);
});
