import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isInNetwork, parseAddress, parseNetwork } from '../../../src/ottl/network/ip.ts';

function isIn(address: string, network: string): boolean | undefined {
  const [a, n] = [parseAddress(address), parseNetwork(network)];
  return a && n && isInNetwork(a, n);
}

describe('addresses', () => {
  it('are read in all their forms', () => {
    assert.deepEqual([...(parseAddress('1.2.3.4') ?? [])], [1, 2, 3, 4]);
    assert.deepEqual(parseAddress('::ffff:1.2.3.4'), parseAddress('1.2.3.4'));
    assert.deepEqual(parseAddress('::ffff:102:304'), parseAddress('1.2.3.4'));
    assert.deepEqual(parseAddress('2001:DB8::1'), parseAddress('2001:db8:0:0:0:0:0:1'));
    assert.deepEqual(parseAddress('1:2:3:4:5:6:1.2.3.4'), parseAddress('1:2:3:4:5:6:102:304'));
    assert.deepEqual(parseAddress('::'), new Uint8Array(16));
  });

  it('are nothing else', () => {
    for (const text of ['', '1.2.3', '01.2.3.4', '1.2.3.4 ', 'fe80::1%eth0', '1.2.3.256', ':::', 'localhost']) {
      assert.equal(parseAddress(text), undefined, text);
    }
  });
});

describe('networks', () => {
  it('hold the addresses that begin as they do', () => {
    assert.equal(isIn('10.1.2.3', '10.0.0.0/8'), true);
    assert.equal(isIn('10.1.2.3', '10.9.9.9/8'), true);
    assert.equal(isIn('11.1.2.3', '10.0.0.0/8'), false);
    assert.equal(isIn('10.0.0.129', '10.0.0.128/25'), true);
    assert.equal(isIn('1.2.3.4', '0.0.0.0/0'), true);
    assert.equal(isIn('::1', '0.0.0.0/0'), false);
    assert.equal(isIn('1.2.3.4', '::/0'), false);
    assert.equal(isIn('2001:db8::1', '2001:db8::/33'), true);
    assert.equal(isIn('10.1.2.3', '::ffff:10.0.0.0/104'), true);
  });

  it('have a length that fits', () => {
    for (const text of ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/8/8', '/8', '10.0.0.0/']) {
      assert.equal(parseNetwork(text), undefined, text);
    }
  });

  it('hold their own addresses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (address, length) => {
        const bits = address.includes(':') ? length : length % 33;
        assert.equal(isIn(address, `${address}/${bits}`), true);
      }),
    );
  });
});
