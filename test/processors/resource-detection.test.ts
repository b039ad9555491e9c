import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chain } from '../../src/delivery/chain.ts';
import { config } from '../../src/processors/resource_detection/config.ts';
import { fromEnvironment } from '../../src/processors/resource_detection/environment.ts';
import { type Machine, thisMachine } from '../../src/processors/resource_detection/machine.ts';
import { createResourceDetection } from '../../src/processors/resource_detection/resource-detection.ts';
import { RecordResource } from '../../src/record/resource.ts';
import { record } from './through.ts';

const address = { netmask: '', family: 'IPv4', cidr: null } as const;
const machine: Machine = {
  ...thisMachine,
  hostname: () => 'box',
  platform: () => 'win32',
  arch: () => 'x64',
  id: () => 'abc',
  networkInterfaces: () => ({
    lo: [{ ...address, address: '127.0.0.1', mac: '00:00:00:00:00:00', internal: true }],
    eth0: [{ ...address, address: '10.0.0.1', mac: '0a:1b:00:00:00:ff', internal: false }],
  }),
};

function detected(settings: object, environment: Record<string, string>, given: Record<string, string> = {}) {
  const surroundings = { environment, machine };
  const chain = new Chain((next) => createResourceDetection(config.parse(settings), surroundings, next), assert.fail);
  const resource = new RecordResource({ attributes: given });
  const [out] = chain.run([record({ resource })]);
  assert.deepEqual(resource.attributes, given);
  return out?.resource;
}

describe('the detector `env`', () => {
  it('reads pairs, URL-encoded, from the first variable that says something', () => {
    const text = ' a = b c ,k=x%20y+z%C3%A9,empty=';
    const expected = { a: 'b c', k: 'x y zé', empty: '' };
    assert.deepEqual(fromEnvironment({ OTEL_RESOURCE_ATTRIBUTES: text, OTEL_RESOURCE: 'a=c' }), expected);
    assert.deepEqual(fromEnvironment({ OTEL_RESOURCE_ATTRIBUTES: ' ', OTEL_RESOURCE: 'a=c' }), { a: 'c' });
    assert.deepEqual(fromEnvironment({}), {});
  });

  it('refuses anything else', () => {
    for (const text of ['a', 'a=b,c', 'a=%zz', 'é=a'])
      assert.throws(
        () => fromEnvironment({ OTEL_RESOURCE_ATTRIBUTES: text }),
        /OTEL_RESOURCE_ATTRIBUTES: invalid resource/,
      );
  });
});

describe('the processor `resource_detection`', () => {
  it('sets what its detectors find; the first of them wins', () => {
    const settings = { detectors: ['env', 'system'] };
    const resource = detected(settings, { OTEL_RESOURCE_ATTRIBUTES: 'host.name=mine' }, { 'os.type': 'old' });
    assert.deepEqual(resource?.attributes, { 'host.name': 'mine', 'os.type': 'windows' });
    assert.match(resource?.schemaUrl ?? '', /^https:\/\/opentelemetry\.io\/schemas\//);
  });

  it('leaves what is there where it does not override', () => {
    const given = { a: 'old' };
    const found = detected({ override: false }, { OTEL_RESOURCE_ATTRIBUTES: 'a=new,b=new' }, given);
    assert.deepEqual(found?.attributes, { a: 'old', b: 'new' });
    assert.equal(found?.schemaUrl, undefined);
  });

  it('sets what is enabled of the machine', () => {
    const names = ['host.id', 'host.arch', 'host.ip', 'host.mac', 'host.interface'];
    const attributes = Object.fromEntries(names.map((name) => [name, { enabled: true }]));
    const system = { resource_attributes: { ...attributes, 'host.name': { enabled: false } } };
    assert.deepEqual(detected({ detectors: ['system'], system }, {})?.attributes, {
      'os.type': 'windows',
      'host.id': 'abc',
      'host.arch': 'amd64',
      'host.ip': ['10.0.0.1'],
      'host.mac': ['0A-1B-00-00-00-FF'],
      'host.interface': ['eth0'],
    });
  });

  it('refuses detectors of clouds by name, and what Node.js cannot find out', () => {
    const message = (settings: object) => config.safeParse(settings).error?.issues[0]?.message ?? '';
    assert.match(message({ detectors: ['ec2'] }), /"ec2" is one of the Collector/);
    assert.equal(message({ detectors: ['nope'] }), 'invalid detector key: nope');
    assert.match(message({ system: { resource_attributes: { 'os.name': { enabled: true } } } }), /not supported/);
    assert.equal(message({ system: { resource_attributes: { 'os.name': { enabled: false } } } }), '');
  });
});
