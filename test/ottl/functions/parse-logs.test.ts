import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OttlError } from '../../../src/ottl/error.ts';
import { extractPatterns } from '../../../src/ottl/functions/extract-patterns.ts';
import { parseClf, parseLeef } from '../../../src/ottl/functions/parse-log-formats.ts';
import { parseSeverity } from '../../../src/ottl/functions/parse-severity.ts';
import { uuid, uuidV7 } from '../../../src/ottl/functions/uuid.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { call } from './call.ts';

const LINE = '10.0.0.1 - jane [10/Oct/2025:13:55:36 -0700] "GET /a HTTP/1.1" 200 2326';
const clf = (target: string, format?: string) => call(parseClf, format ? { target, format } : { target });
const leef = (target: string) => call(parseLeef, { target });

describe('ParseCLF', () => {
  it('reads a common and a combined line', () => {
    assert.deepEqual(clf(` ${LINE}\n`), {
      'clf.remote_host': '10.0.0.1',
      'clf.rfc931': '-',
      'clf.auth_user': 'jane',
      'clf.timestamp': '10/Oct/2025:13:55:36 -0700',
      'clf.request': 'GET /a HTTP/1.1',
      'clf.method': 'GET',
      'clf.request_uri': '/a',
      'clf.protocol': 'HTTP/1.1',
      'clf.status': 200,
      'clf.bytes': 2326,
    });
    const combined = clf(`${LINE.replace('2326', '-')} "http://r/" "say \\"hi\\" \\x41\\q"`, 'combined') as object;
    assert.equal(Reflect.get(combined, 'clf.user_agent'), 'say "hi" A\\q');
    assert.ok(!('clf.bytes' in combined));
  });

  it('refuses what is no such line', () => {
    assert.throws(() => clf(''), /cannot parse empty CLF message/);
    assert.throws(() => clf(LINE, 'combined'), {
      message: 'invalid CLF message: does not match expected "combined" format',
    });
    assert.throws(() => clf(LINE.replace('200', 'x')), {
      message: 'invalid status code "x": strconv.ParseInt: parsing "x": invalid syntax',
    });
    assert.throws(() => clf(LINE, 'x'), { message: 'invalid format "x": must be "clf" or "combined"' });
    assert.throws(() => clf(`a b c [d] "${'\\a'.repeat(400_000)}`), /does not match/);
    assert.throws(() => clf('x'.repeat(3_000_000)), /does not match/);
  });
});

describe('ParseLEEF', () => {
  it('reads both versions, with or without a delimiter', () => {
    const attributes = (text: string) => Reflect.get(leef(text) as object, 'leef.attributes');
    assert.deepEqual(leef('<13>host LEEF:1.0|v|p|2|e|a=1\tb=x=y\t=z\tq'), {
      'leef.version': '1.0',
      'leef.vendor': 'v',
      'leef.product.name': 'p',
      'leef.product.version': '2',
      'leef.event.id': 'e',
      'leef.attributes': { a: '1', b: 'x=y' },
    });
    assert.deepEqual(attributes('LEEF:2.0|v|p|2|e|0x7C|a=1|b=2'), { a: '1', b: '2' });
    assert.deepEqual(attributes('LEEF:2.0|v|p|2|e|a=1|2\tb=2'), { a: '1|2', b: '2' });
    assert.deepEqual(attributes('LEEF:2.0|v|p|2|e||a=1\tb=2'), { a: '1', b: '2' });
    assert.deepEqual(attributes('LEEF:2.0|v|p|2|e'), {});
  });

  it('says what is wrong with the header', () => {
    assert.throws(() => leef(''), /cannot parse empty LEEF message/);
    assert.throws(() => leef('x'), /'LEEF:' not found/);
    assert.throws(() => leef('LEEF:1.0'), /missing pipe delimiter/);
    assert.throws(() => leef('LEEF:3|'), { message: 'unsupported LEEF version: 3 (supported: 1.0, 2.0)' });
    assert.throws(
      () => leef('LEEF:1.0|v|p'),
      /expected at least 4 fields \(vendor, product, version, eventID\), got 2/,
    );
    for (const [spec, message] of [
      ['0x', 'empty hex value'],
      ['0xzz', `invalid hex delimiter "0xzz": encoding/hex: invalid byte: U+007A 'z'`],
      ['0x7', 'invalid hex delimiter "0x7": encoding/hex: odd length hex string'],
      ['0x7c7c', 'hex delimiter must decode to a single byte, got 2 bytes'],
      ['ab', 'delimiter must be a single character or 0x-prefixed hex value, got "ab"'],
    ]) {
      assert.throws(() => leef(`LEEF:2.0|v|p|2|e|${spec}|`), { message: `invalid LEEF 2.0 delimiter: ${message}` });
    }
  });

  it('throws nothing but an OttlError', () => {
    const part = fc.constantFrom('LEEF:', '1.0', '2.0', '|', 'a=b', '\t', '0x', '^', 'é');
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          leef(parts.join(''));
        } catch (error) {
          assert.ok(error instanceof OttlError);
        }
      }),
    );
  });
});

describe('ParseSeverity', () => {
  const mapping = { error: [{ equals: ['err', 'E'] }, { range: { min: 400, max: 499 } }], info: [{ range: '2xx' }] };
  const severity = (target: unknown, levels: unknown = mapping) =>
    call(parseSeverity, { target, mapping: levels }, { literal: true });

  it('goes by words and ranges', () => {
    assert.equal(severity('E'), 'error');
    assert.equal(severity(404), 'error');
    assert.equal(severity(200), 'info');
    assert.throws(() => severity('200'), /no matching log level found for value '200'/);
    assert.throws(() => severity(undefined), /value '<nil>': unsupported value type: <nil>/);
    assert.throws(() => severity(1.5), /value '1.5': unsupported value type: float64/);
  });

  it('tells of a wrong mapping when it is evaluated', () => {
    assert.throws(() => call(parseSeverity, { target: 1, mapping }), /severity mapping must be a literal PMap/);
    assert.throws(() => severity(1, { a: 1 }), /criteria must be \[\]any/);
    assert.throws(() => severity(1, { a: [1] }), /items must be map/);
    assert.throws(() => severity(1, { a: [{ range: '6xx' }] }), /unknown range placeholder: 6xx/);
    assert.throws(() => severity(1, { a: [{ range: { min: 1 } }] }), /range must have a max value/);
    assert.throws(() => severity(1, { a: [{ range: { min: 1.5, max: 2 } }] }), /min must be an int64/);
    assert.throws(() => severity(1, { a: [{ equals: [1] }] }), /equals values must be strings/);
  });
});

describe('ExtractPatterns', () => {
  const extract = (target: unknown, pattern: string) => call(extractPatterns, { target, pattern });

  it('gives named groups alone, and those without a match as empty', () => {
    assert.deepEqual(extract('GET /a', '^(?P<m>\\w+) (/)(?<x>b)?'), { m: 'GET', x: '' });
    assert.deepEqual(extract('?', '(?P<m>\\w+)'), {});
  });

  it('wants a pattern with a name', () => {
    assert.throws(() => extract('a', '(a)'), /at least 1 named capture group must be supplied in the given regex/);
    assert.throws(() => extract('a', '('), /missing closing \)/);
    assert.throws(() => extract(undefined, '(?P<a>a)'), /expected string but got nil/);
  });
});

describe('UUID and UUIDv7', () => {
  it('are new each time, and those of version 7 sort', () => {
    assert.match(String(call(uuid, {})), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const getter = uuidV7.create({}, { clock: new FakeClock(Date.UTC(2026, 0, 10)), random: Math.random });
    const ids = Array.from({ length: 10_000 }, () => String(getter({} as never)));
    assert.match(ids[0] as string, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });
});
