import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ownResource } from '../../src/telemetry/resource.ts';
import { HEAD, load, TAIL } from '../config/loading.ts';

const RESOURCE = 'service::telemetry::resource';

async function resource(yaml: string) {
  const { config, diagnostics } = await load(`${HEAD}${TAIL}  telemetry: { resource: ${yaml} }\n`);
  return {
    settings: config?.service.telemetry.resource,
    said: diagnostics.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
  };
}

describe('service::telemetry::resource', () => {
  for (const [yaml, settings] of [
    ['', { attributes: {} }],
    ['{ service.name: x, team: }', { attributes: { 'service.name': 'x', team: null } }],
    [
      '{ attributes: [{ name: a, value: x }, { name: b, value: 2 }, { name: c, value: [x, y], type: string_array }, { name: d }] }',
      { attributes: { a: 'x', b: 2, c: ['x', 'y'], d: null } },
    ],
    ['{ schema_url: "https://a.example", a: b }', { schemaUrl: 'https://a.example', attributes: { a: 'b' } }],
  ] as const) {
    it(`takes ${yaml || 'nothing'}`, async () => {
      assert.deepEqual(await resource(yaml), { settings, said: [] });
    });
  }

  it('notes that nothing is detected', async () => {
    const { settings, said } = await resource('{ "detection/development": { detectors: [{ host: }] } }');
    assert.deepEqual(settings, { attributes: {} });
    assert.match(said.join(), /^note .*: nothing is detected here/);
  });

  for (const [yaml, path, message] of [
    ['{ a: 1 }', '::a', 'legacy resource attribute "a" must be string or null'],
    [
      '{ attributes_list: "a=b" }',
      '::attributes_list',
      'resource::attributes_list is not currently supported, please use resource::attributes',
    ],
    [
      '{ attributes: [{ name: a, value: b }], team: x }',
      '::attributes',
      'resource::attributes cannot be used together with legacy inline resource attributes',
    ],
    ['{ attributes: { a: b } }', '::attributes', 'expected a list; got a map'],
    ['{ attributes: [{ value: b }] }', '::attributes::0::name', 'expected a text'],
    ['{ attributes: [{ name: a, vlaue: b }] }', '::attributes::0::vlaue', 'unknown key "vlaue"'],
  ]) {
    it(`refuses ${yaml}`, async () => {
      const { settings, said } = await resource(yaml as string);
      assert.equal(settings, undefined);
      assert.ok(String(said[0]).startsWith(`error ${RESOURCE}${path}: ${String(message).split(';')[0]}`), said.join());
    });
  }

  it("stands over the agent's own attributes, and null removes one of them", () => {
    const attributes = { 'service.name': 'mine', 'service.instance.id': null, team: 'support' };
    assert.deepEqual(ownResource({ attributes }, '1.2.3', 'id'), {
      attributes: { 'service.name': 'mine', 'service.version': '1.2.3', team: 'support' },
    });
    const { attributes: own } = ownResource({ attributes: {} }, '1.2.3');
    assert.deepEqual(Object.keys(own), ['service.name', 'service.version', 'service.instance.id']);
    assert.equal(
      ownResource({ attributes: {} }, '1.2.3').attributes['service.instance.id'],
      own['service.instance.id'],
    );
  });
});
