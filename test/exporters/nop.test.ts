import assert from 'node:assert/strict';
import { it } from 'node:test';
import { factory } from '../../src/exporters/nop/index.ts';
import { context, never, objections, parse, record } from './support.ts';

it('nop takes everything', async () => {
  const exporter = factory.create(parse(factory, {}), context());
  await exporter.start();
  assert.deepEqual(await exporter.send({ records: [record()] }, never), { kind: 'delivered' });
  assert.equal(exporter.weigh(record()), 0);
  await exporter.shutdown(never);
  assert.equal(objections(factory, { anything: 1 }).length, 1);
});
