import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fromPortable, NotPortable, toPortable } from '../../../src/agent/offload/portable.ts';
import { isSame } from '../../../src/config/same.ts';
import { Secret } from '../../../src/config/secret.ts';
import { Double } from '../../../src/record/value.ts';

const settings = fc.anything({
  withBigInt: true,
  withNullPrototype: false,
  values: [
    ...[fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined), fc.bigInt()],
    fc.string().map((text) => new Secret(text)),
    fc.uint8Array(),
  ],
});

describe('what goes to another thread', () => {
  it('comes out as it was, secrets included', () => {
    fc.assert(
      fc.property(settings, (value) => {
        assert.ok(isSame(fromPortable(structuredClone(toPortable(value))), value));
      }),
    );
  });

  it('keeps doubles and keys that look like something else', () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": ["list", [2]]}');
    assert.deepEqual(fromPortable(toPortable(value)), value);
    assert.deepEqual(fromPortable(structuredClone(toPortable([new Double(3)]))), [new Double(3)]);
  });

  it('is refused where only its own thread can use it', () => {
    class Own {}
    for (const value of [() => 1, new Own(), [new Map()], { a: new Date() }, Symbol('s')])
      assert.throws(() => toPortable(value), NotPortable);
  });
});
