import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RecordResource } from '../../src/record/resource.ts';
import { double, type Value } from '../../src/record/value.ts';
import { chain, record } from './through.ts';

it('`groupbyattrs` moves attributes to the resource, types apart, in order of first appearance', () => {
  const values: Value[] = [1, '1', double(1), 1, { b: 1, a: 2 }, { a: 2, b: 1 }];
  const out = chain(['groupbyattrs', { keys: ['k', ''] }]).run(
    values.map((k, i) => record({ attributes: { k, i }, scope: { name: 's' } })),
  );
  assert.deepEqual(
    out.map(({ resource, attributes }) => [resource.attributes.k, attributes]),
    [
      [1, { i: 0 }],
      [1, { i: 3 }],
      ['1', { i: 1 }],
      [double(1), { i: 2 }],
      [{ b: 1, a: 2 }, { i: 4 }],
      [{ b: 1, a: 2 }, { i: 5 }],
    ],
  );
  assert.equal(new Set(out.map(({ resource }) => resource)).size, 4);
});

it('`groupbyattrs` puts equal resources and scopes together, in later batches too, and changes no original', () => {
  const resources = [1, 2].map(() => new RecordResource({ attributes: { r: 1 }, schemaUrl: 'u' }));
  const processor = chain(['groupbyattrs', {}]);
  const out = resources.flatMap((resource) => [
    ...processor.run([
      record({ resource, scope: { name: 's', schemaUrl: 'u' } }),
      record({ resource, scope: { name: 's' } }),
    ]),
  ]);
  assert.equal(new Set(out.map(({ resource }) => resource)).size, 1);
  assert.equal(out[0]?.instrumentationScope, out[1]?.instrumentationScope);
  assert.equal(out[0]?.resource.schemaUrl, undefined);
  assert.equal(out[0]?.instrumentationScope.schemaUrl, undefined);
  assert.deepEqual(resources[0]?.schemaUrl, 'u');
});

it('`groupbyattrs` remembers no more than a megabyte of resources, however few', () => {
  const processor = chain(['groupbyattrs', { keys: ['k'] }]);
  const of = (k: string) => processor.run([record({ attributes: { k } })])[0]?.resource;
  const first = of('a');
  for (const letter of ['b', 'c', 'd']) of(letter.repeat(300_000));
  assert.equal(of('a'), first);
  of('e'.repeat(300_000));
  const again = of('a');
  assert.notEqual(again, first);
  assert.deepEqual(again?.attributes, first?.attributes);
});
