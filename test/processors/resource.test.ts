import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RecordResource } from '../../src/record/resource.ts';
import { chain, record } from './through.ts';

const settings = { attributes: [{ key: 'env', value: 'prod', action: 'upsert' }] };

it('`resource` replaces what records share by one copy, the same in later batches, and leaves the original alone', () => {
  const resource = new RecordResource({ attributes: { host: 'a' }, schemaUrl: 'https://example.com/s' });
  const processor = chain(['resource', settings]);
  const out = [
    ...processor.run([record({ resource }), record({ resource })]),
    ...processor.run([record({ resource })]),
  ];
  const [first] = out;
  assert.deepEqual(first?.resource.attributes, { host: 'a', env: 'prod' });
  assert.equal(first?.resource.schemaUrl, 'https://example.com/s');
  for (const { resource: changed } of out) assert.equal(changed, first?.resource);
  assert.deepEqual(resource.attributes, { host: 'a' });
});

it('`resource` acts on each resource once', () => {
  const resource = new RecordResource({ attributes: { id: 'a' } });
  const [first] = chain(['resource', { attributes: [{ key: 'id', action: 'hash' }] }]).run([
    record({ resource }),
    record({ resource }),
  ]);
  const once = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
  assert.deepEqual(first?.resource.attributes, { id: once });
});
