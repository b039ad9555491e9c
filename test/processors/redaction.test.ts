import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { config } from '../../src/processors/redaction/config.ts';
import { RecordResource } from '../../src/record/resource.ts';
import type { Value } from '../../src/record/value.ts';
import { after, chain, record } from './through.ts';

const MAIL = '[\\w.]+@[\\w.]+';
const redact = (settings: object, attributes: Record<string, Value>) => after('redaction', settings, { attributes });

describe('the processor `redaction`:', () => {
  it('removes everything by default', () => {
    const [out] = chain(['redaction', {}]).run([record({ attributes: { a: 1 }, body: { a: { b: 1 } } })]);
    assert.deepEqual([out?.attributes, out?.body], [{}, {}]);
  });

  it('the first that holds of a key counts: ignored, removed, allowed value, blocked key, blocked value', () => {
    const settings = {
      allowed_keys: ['keep', 'ok', 'secret', 'mail'],
      ignored_keys: ['ignored'],
      allowed_values: ['^ok'],
      blocked_key_patterns: ['secret|ok'],
      blocked_values: [MAIL],
      summary: 'debug',
    };
    const given = { ignored: 'a@b', gone: 1, ok: 'ok a@b', secret: 5, mail: 'to a@b, c@d', keep: 7 };
    assert.deepEqual(redact(settings, given), {
      ...{ ignored: 'a@b', ok: 'ok a@b', secret: '****', mail: 'to ****, ****', keep: 7 },
      'redaction.redacted.keys': 'gone',
      'redaction.redacted.count': 1,
      'redaction.masked.keys': 'mail,secret',
      'redaction.masked.count': 2,
      'redaction.allowed.keys': 'ok',
      'redaction.allowed.count': 1,
      'redaction.ignored.count': 1,
    });
  });

  it('adds to the summary of a processor before it', () => {
    const settings = { allow_all_keys: true, blocked_values: [MAIL], summary: 'debug' };
    const given = { z: 'a@b', 'redaction.masked.keys': 'é,b', 'redaction.masked.count': 2 };
    assert.deepEqual(redact(settings, given), {
      ...{ z: '****', 'redaction.masked.keys': 'b,z,é', 'redaction.masked.count': 3 },
    });
  });

  it('looks into bodies, at values of every kind, and tells paths', () => {
    const settings = {
      allow_all_keys: true,
      blocked_values: ['4\\d{3}'],
      blocked_key_patterns: ['^pin$'],
      summary: 'debug',
    };
    const body = { list: [{ card: 4111 }, 'x 4222'], pin: { deep: true }, n: 1 };
    const [out] = chain(['redaction', settings]).run([record({ body })]);
    assert.deepEqual(out?.body, { list: [{ card: '****' }, 'x ****'], pin: '****', n: 1 });
    assert.deepEqual(out?.attributes, {
      'redaction.body.masked.keys': 'list.[0].card,list.[1],pin',
      'redaction.body.masked.count': 3,
    });
    assert.deepEqual(body.list, [{ card: 4111 }, 'x 4222']);
  });

  it('hashes each match, with a key of its own where one is given', () => {
    const key = 'é'.repeat(16);
    const settings = { allow_all_keys: true, blocked_values: [MAIL], hash_function: 'HMAC-SHA256', hmac_key: key };
    const hash = createHmac('sha256', key).update('a@b').digest('hex');
    assert.deepEqual(redact(settings, { m: '<a@b>' }), { m: `<${hash}>` });
  });

  it('redacts resources and scopes once, and leaves the originals alone', () => {
    const resource = new RecordResource({ attributes: { mail: 'a@b' } });
    const scope = { name: 's', attributes: { mail: 'a@b' } };
    const processor = chain(['redaction', { allow_all_keys: true, blocked_values: [MAIL], summary: 'info' }]);
    const out = processor.run([record({ resource, scope }), record({ resource, scope })]);
    assert.deepEqual(out[0]?.resource.attributes, { mail: '****', 'redaction.masked.count': 1 });
    assert.equal(out[0]?.resource, out[1]?.resource);
    assert.equal(out[0]?.instrumentationScope, out[1]?.instrumentationScope);
    assert.deepEqual([resource.attributes, scope.attributes], [{ mail: 'a@b' }, { mail: 'a@b' }]);
  });

  it('a prefix that every object has is only a key', () => {
    const out = redact({ allowed_keys: ['__proto__'] }, JSON.parse('{"__proto__": "x", "constructor": "y"}'));
    assert.deepEqual(Object.entries(out ?? {}), [['__proto__', 'x']]);
  });
});

it('`redaction` refuses sanitizers, and says nothing of a key', () => {
  const refused = (settings: object) => config.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
  assert.match(refused({ url_sanitizer: { enabled: true } }).join(), /not supported/);
  assert.match(refused({ db_sanitizer: { sql: { enabled: true } } }).join(), /not supported/);
  assert.deepEqual(refused({ url_sanitizer: { enabled: false, attributes: ['u'] } }), []);
  const [message = ''] = refused({ hash_function: 'hmac-sha512', hmac_key: 'too-short-a-key' });
  assert.equal(message, 'hmac_key must be at least 64 bytes long for "hmac-sha512", got 15 bytes');
  assert.doesNotMatch(JSON.stringify(config.parse({ hmac_key: 'hunter2' })), /hunter2/);
});
