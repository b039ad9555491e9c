import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { convertCase } from '../../../src/ottl/functions/case.ts';
import { coalesce } from '../../../src/ottl/functions/coalesce.ts';
import { keys, len, sliceToMap, values } from '../../../src/ottl/functions/collections.ts';
import { concat, split } from '../../../src/ottl/functions/concat.ts';
import { bool, doubleFunction, hex, intFunction, stringFunction } from '../../../src/ottl/functions/convert.ts';
import { base64Decode, base64Encode, decode } from '../../../src/ottl/functions/encodings.ts';
import { profileId, spanId, traceId } from '../../../src/ottl/functions/ids.ts';
import {
  isBool,
  isDoubleFunction,
  isIntFunction,
  isListFunction,
  isMapFunction,
} from '../../../src/ottl/functions/kinds.ts';
import { log } from '../../../src/ottl/functions/log.ts';
import { isValidLuhn } from '../../../src/ottl/functions/luhn.ts';
import { communityId, isInCidr } from '../../../src/ottl/functions/network.ts';
import { containsValue, hasPrefix, index, isMatch } from '../../../src/ottl/functions/search.ts';
import { sort } from '../../../src/ottl/functions/sort.ts';
import { trim, trimPrefix, trimSuffix } from '../../../src/ottl/functions/trim.ts';
import { LiteralList, OttlId, OttlTime, type OttlValue } from '../../../src/ottl/value.ts';
import { double } from '../../../src/record/value.ts';
import { call } from './call.ts';

describe('IsBool and the like', () => {
  it('answer for values of records', () => {
    assert.equal(call(isBool, { target: true }), true);
    assert.equal(call(isIntFunction, { target: double(1) }), false);
    assert.equal(call(isDoubleFunction, { target: double(1) }), true);
    assert.equal(call(isMapFunction, { target: new OttlTime(0n) }), false);
    assert.equal(call(isListFunction, { target: [1] }), true);
    assert.equal(call(isBool, { target: undefined }), false);
  });

  it('refuse literals of another kind, but for lists', () => {
    assert.throws(() => call(isBool, { target: 1 }, { literal: true }), /expected bool but got int64/);
    assert.throws(
      () => call(isMapFunction, { target: undefined }, { literal: true }),
      /expected pcommon.Map but got nil/,
    );
    assert.equal(call(isListFunction, { target: 1 }, { literal: true }), false);
  });
});

describe('conversions', () => {
  it('are those of the kinds', () => {
    assert.equal(call(bool, { target: 'T' }), true);
    assert.equal(call(intFunction, { target: '12.5' }), undefined);
    assert.equal(call(intFunction, { target: 1e300 }), -(2n ** 63n));
    assert.deepEqual(call(doubleFunction, { target: '1_000' }), double(1000));
    assert.equal(call(doubleFunction, { target: undefined }), undefined);
    assert.equal(call(stringFunction, { target: undefined }), undefined);
  });

  it('write JSON as the library of the Collector does', () => {
    const target = { b: '<\u0008\f\\b', a: [1e-7, 1e21, double(1), Uint8Array.of(1)] };
    assert.equal(call(stringFunction, { target }), '{"a":[1e-07,1e+21,1,"AQ=="],"b":"\\u003c\\u0008\\u000c\\\\b"}');
    assert.equal(call(stringFunction, { target: 1e-7 }), '1e-07');
  });

  it('give bytes in hexadecimal', () => {
    assert.equal(call(hex, { target: 1 }), '0000000000000001');
    assert.equal(call(hex, { target: double(1) }), '3ff0000000000000');
    assert.equal(call(hex, { target: undefined }), '');
    assert.throws(() => call(hex, { target: {} }), /unsupported type/);
  });
});

describe('Coalesce', () => {
  it('passes over nil only, and asks for values', () => {
    assert.equal(call(coalesce, { values: [undefined, '', 'a'] }), '');
    assert.throws(() => call(coalesce, { values: [] }), /Coalesce requires at least one argument/);
  });
});

describe('texts', () => {
  it('are put together and taken apart', () => {
    assert.equal(call(concat, { vals: ['a', undefined, 1, [1]], delimiter: '-' }), 'a-<nil>-1-[1]');
    assert.equal(call(concat, { vals: [], delimiter: '-' }), '');
    assert.deepEqual(call(split, { target: 'a😀', delimiter: '' }), ['a', '😀']);
    assert.deepEqual(call(split, { target: '', delimiter: '' }), []);
    assert.deepEqual(call(split, { target: '', delimiter: ',' }), ['']);
  });

  it('are trimmed by characters', () => {
    assert.equal(call(trim, { target: '  a b  ' }), 'a b');
    assert.equal(call(trim, { target: '😀a😁', replacement: '😁😀' }), 'a');
    assert.equal(call(trim, { target: ' a', replacement: '' }), ' a');
    assert.equal(call(trimPrefix, { target: 'aab', prefix: 'a' }), 'ab');
    assert.equal(call(trimSuffix, { target: 'abb', suffix: '' }), 'abb');
    assert.equal(call(hasPrefix, { target: 'a', prefix: '' }), true);
  });

  it('are of a known case', () => {
    assert.equal(call(convertCase, { target: '', toCase: 'camel' }), '');
    assert.throws(() => call(convertCase, { target: '', toCase: 'title' }), /invalid case: title, allowed cases/);
  });
});

describe('Index, ContainsValue and IsMatch', () => {
  it('count bytes in texts and items in lists', () => {
    assert.equal(call(index, { target: '😀é', value: 'é' }), 4);
    assert.equal(call(index, { target: [1, double(2)], value: 2 }), 1);
    assert.equal(call(index, { target: [[1]], value: [double(1)] }), -1);
    assert.equal(call(index, { target: [null], value: undefined }), 0);
    assert.throws(() => call(index, { target: 'a', value: 1 }), /value must be a string/);
    assert.throws(() => call(index, { target: {}, value: 1 }), /expected pcommon.Slice but got pcommon.Map/);
    assert.throws(() => call(index, { target: LiteralList.of({}), value: 1 }), /<Invalid value type pcommon.Map>/);
    assert.equal(call(containsValue, { target: ['a', 2], item: double(2) }), true);
    assert.equal(call(containsValue, { target: ['a'], item: undefined }), false);
  });

  it('see values as texts', () => {
    assert.equal(call(isMatch, { target: Uint8Array.of(255), pattern: '^ff$' }), true);
    assert.equal(call(isMatch, { target: undefined, pattern: '' }), false);
    assert.equal(call(isMatch, { target: 'ſ', pattern: '(?i)s' }), true);
  });
});

describe('Len, Keys and Values', () => {
  it('count what there is', () => {
    const lengths = ['é', Uint8Array.of(1), [1, 2], { a: 1 }].map((target) => call(len, { target }));
    assert.deepEqual(lengths, [2, 1, 2, 1]);
    assert.throws(() => call(len, { target: 1 }), /Len: unsupported target type int64\./);
    assert.throws(() => call(len, { target: undefined }), /Len: unsupported target type <nil>\./);
    assert.deepEqual(call(keys, { target: {} }), []);
    assert.deepEqual(call(values, { target: { a: [1] } }), [[1]]);
  });
});

describe('SliceToMap', () => {
  const target = [{ a: { k: 'x' }, v: 1 }, { a: { k: 'y' } }];

  it('follows paths', () => {
    assert.deepEqual(call(sliceToMap, { target: ['a', null] }), { 0: 'a', 1: null });
    assert.deepEqual(call(sliceToMap, { target, keyPath: ['a', 'k'], valuePath: ['a'] }), {
      x: { k: 'x' },
      y: { k: 'y' },
    });
  });

  it('says where they end', () => {
    const mapped = (keyPath: string[], valuePath?: string[]) =>
      call(sliceToMap, { target, keyPath, ...(valuePath && { valuePath }) });
    assert.throws(() => mapped(['z', 'k']), /extract key from element 0: .* does not contain the path \[z k\]/);
    assert.throws(() => mapped(['a', 'z']), /does not contain the path \[z\]/);
    assert.throws(() => mapped(['v', 'z']), /does not contain the path \[v z\]/);
    assert.throws(() => mapped(['a', 'k'], ['v']), /extract value from element 1/);
    assert.throws(() => mapped(['v']), /element 0: extracted key attribute is not of type string, got "Int"/);
    assert.throws(() => mapped([]), /must provide at least one path item/);
    assert.throws(() => call(sliceToMap, { target: ['a'], keyPath: ['a'] }), /cast element of type `Str` to a map/);
  });
});

describe('Sort', () => {
  it('compares numbers as numbers and mixed ones as texts', () => {
    assert.deepEqual(call(sort, { target: [10, 9, 2n ** 60n] }), [9, 10, 2n ** 60n]);
    assert.deepEqual(call(sort, { target: [2.5, 10, Number.NaN] }), [Number.NaN, 2.5, 10]);
    assert.deepEqual(call(sort, { target: [10, 9, 'a', null, true] }), [null, 10, 9, 'a', true]);
    assert.deepEqual(call(sort, { target: ['\uffff', '😀'], order: 'desc' }), ['😀', '\uffff']);
  });

  it('leaves lists as they are where something can not be compared', () => {
    assert.deepEqual(call(sort, { target: [2, [1], 1] }), [2, [1], 1]);
  });

  it('takes nothing but lists and two orders', () => {
    assert.throws(() => call(sort, { target: 'a' }), /sort with unsupported type: 'string'. Target is not a list/);
    assert.throws(() => call(sort, { target: [], order: 'up' }), /Order should be either "asc" or "desc"/);
    assert.throws(
      () => call(sort, { target: LiteralList.of({}) }),
      /primitive types; <Invalid value type pcommon.Map>/,
    );
  });
});

describe('Log', () => {
  it('is of numbers above zero, and the same everywhere', () => {
    assert.equal(call(log, { target: 680 }), 6.522092798170152);
    assert.equal(call(log, { target: '10' }), Math.LN10);
    assert.equal(call(log, { target: 5e-324 }), Math.log(5e-324));
    assert.equal(call(log, { target: Number.MAX_VALUE }), Math.log(Number.MAX_VALUE));
    assert.throws(() => call(log, { target: -1e21 }), /greater than zero but got -1e\+21/);
    assert.throws(() => call(log, { target: undefined }), /invalid input: <nil>/);
  });
});

describe('IsValidLuhn', () => {
  it('checks digits and skips spaces', () => {
    assert.equal(call(isValidLuhn, { target: '4111 1111 1111 1111' }), true);
    assert.equal(call(isValidLuhn, { target: 18 }), true);
    assert.equal(call(isValidLuhn, { target: '17' }), false);
    assert.equal(call(isValidLuhn, { target: ' ' }), false);
    assert.throws(() => call(isValidLuhn, { target: '4a1' }), /parsing "a": invalid syntax/);
    assert.throws(() => call(isValidLuhn, { target: undefined }), /invalid input: <nil>/);
  });
});

describe('ids', () => {
  it('are given as bytes or digits', () => {
    assert.deepEqual(
      call(spanId, { target: '0102030405060708' }),
      new OttlId('span', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    );
    assert.deepEqual(call(traceId, { target: new Uint8Array(16) }), new OttlId('trace', new Uint8Array(16)));
    assert.equal((call(profileId, { target: 'AB'.repeat(16) }) as OttlId).bytes[0], 0xab);
  });

  it('have one length', () => {
    const told = /SpanID: could not decode ID: invalid length: expected 8 or 16 bytes, got 3/;
    assert.throws(() => call(spanId, { target: 'abc' }, { literal: true }), told);
    assert.throws(() => call(spanId, { target: undefined }), /got 0/);
    assert.throws(
      () => call(spanId, { target: 'zz'.repeat(8) }),
      /invalid hex: encoding\/hex: invalid byte: U\+007A 'z'/,
    );
  });
});

describe('encodings', () => {
  it('are known ones', () => {
    assert.equal(call(base64Encode, { target: '??>>', variant: 'base64-url' }), 'Pz8-Pg==');
    assert.throws(() => call(base64Encode, { target: '', variant: 'base32' }), /unsupported base64 variant: base32/);
    assert.throws(() => call(decode, { target: '', encoding: 'hex' }, { literal: true }), /unsupported encoding 'hex'/);
    assert.throws(() => call(decode, { target: 1, encoding: 'utf-8' }), /type provided to Decode function: int64/);
    assert.throws(() => call(decode, { target: 'YQ', encoding: 'base64' }), /could not decode: illegal base64 data/);
    assert.throws(() => call(base64Decode, { target: 'YQ' }), /^OttlError: illegal base64 data at input byte 0$/);
  });
});

describe('networks', () => {
  const flow = (args: object): OttlValue =>
    call(communityId, { sourceIP: '1.2.3.4', sourcePort: 1, destinationIP: '5.6.7.8', destinationPort: 2, ...args });

  it('have an id that is the same in both directions', () => {
    assert.equal(flow({}), flow({ sourceIP: '5.6.7.8', sourcePort: 2, destinationIP: '1.2.3.4', destinationPort: 1 }));
    assert.notEqual(flow({}), flow({ protocol: 'UDP' }));
    assert.notEqual(flow({}), flow({ seed: 1 }));
  });

  it('say which end is wrong', () => {
    assert.throws(() => flow({ sourceIP: undefined }), /failed to get source IP: expected string but got nil/);
    assert.throws(() => flow({ destinationPort: 65536 }), /destination port must be between 0 and 65535, got 65536/);
    assert.throws(() => flow({ sourceIP: 'nope' }), /invalid source IP: nope/);
    assert.throws(() => flow({ protocol: 'tcp' }), /unsupported protocol: tcp/);
    assert.throws(() => flow({ seed: -1 }), /seed must be between 0 and 65535, got -1/);
  });

  it('are refused at once where they stand in the statement', () => {
    assert.throws(
      () => call(isInCidr, { target: '1.2.3.4', networks: ['x'] }, { literal: true }),
      /invalid CIDR address: x/,
    );
    assert.equal(call(isInCidr, { target: 'no address', networks: ['x'] }), false);
    assert.throws(() => call(isInCidr, { target: '1.2.3.4', networks: ['x'] }), /invalid CIDR address: x/);
  });
});
