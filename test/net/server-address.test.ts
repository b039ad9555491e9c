import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clientAddress, Networks, parseCidr } from '../../src/net/server-address.ts';

describe('networks', () => {
  it('are addresses or CIDRs, and nothing else', () => {
    for (const good of ['10.0.0.0/8', '0.0.0.0/0', '192.0.2.1', '2001:db8::/32', '::1', '::/0']) {
      assert.ok(parseCidr(good), good);
    }
    for (const bad of [
      '',
      '10.0.0.0/33',
      '10.0.0.0/-1',
      '10.0.0/8',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      '::/129',
      'fe80::1%eth0',
      'localhost',
      ' ::1',
    ]) {
      assert.equal(parseCidr(bad), undefined, bad);
    }
  });

  it('contain what they say, in IPv6 clothes too', () => {
    const networks = new Networks(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);
    for (const inside of ['10.255.0.1', '192.0.2.1', '2001:db8:ffff::1', '::ffff:10.1.2.3']) {
      assert.ok(networks.has(inside), inside);
    }
    for (const outside of ['11.0.0.1', '192.0.2.2', '2001:db9::1', '::ffff:11.1.2.3', 'nonsense', '']) {
      assert.ok(!networks.has(outside), outside);
    }
    assert.ok(new Networks([]).empty);
  });
});

describe("the client's address", () => {
  const none = new Networks([]);
  const proxies = new Networks(['10.0.0.0/8', '::1']);

  it('is that of the peer unless the peer is a trusted proxy', () => {
    assert.equal(clientAddress('192.0.2.1', '198.51.100.1', none), '192.0.2.1');
    assert.equal(clientAddress('192.0.2.1', '198.51.100.1', proxies), '192.0.2.1');
    assert.equal(clientAddress('::ffff:192.0.2.1', undefined, proxies), '192.0.2.1');
    assert.equal(clientAddress(undefined, '198.51.100.1', proxies), undefined);
  });

  it('is the rightmost untrusted hop behind trusted proxies', () => {
    assert.equal(clientAddress('10.0.0.1', '198.51.100.1', proxies), '198.51.100.1');
    assert.equal(clientAddress('::ffff:10.0.0.1', 'spoof, 198.51.100.1, 10.0.0.2', proxies), '198.51.100.1');
    assert.equal(clientAddress('::1', '10.0.0.3,10.0.0.2', proxies), '10.0.0.3');
    assert.equal(clientAddress('10.0.0.1', '198.51.100.1, not-an-address', proxies), undefined);
    assert.equal(clientAddress('10.0.0.1', '', proxies), undefined);
  });

  it('is never one that the client invented to the left of an untrusted hop', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (invented, real) => {
        fc.pre(!proxies.has(real));
        assert.equal(clientAddress('10.0.0.1', `${invented}, ${real}`, proxies), real);
      }),
    );
  });
});
