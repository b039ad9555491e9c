import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { check, config } from '../../../src/receivers/intercom/config.ts';
import { factory } from '../../../src/receivers/intercom/index.ts';

const integration = { name: 'support', client_secret: 'a secret', application_name: 'acme' };
const parse = (settings: Record<string, unknown>) => config.safeParse({ integrations: [integration], ...settings });

/** `path: message` of each issue. */
function problems(settings: Record<string, unknown>): string[] {
  const result = parse(settings);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function remarks(settings: Record<string, unknown>): string[] {
  return check(config.parse({ integrations: [integration], ...settings })).map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

describe('the configuration', () => {
  it('needs an integration with its secret and application name, and no more', () => {
    const parsed = config.parse({ integrations: [integration] });
    assert.equal(parsed.endpoint, 'localhost:8080');
    assert.equal(parsed.max_request_body_size, 5 * 1024 * 1024);
    assert.equal(parsed.max_open_bytes, 64 * 1024 * 1024);
    assert.equal(parsed.read_timeout, 10_000);
    assert.equal(parsed.idle_timeout, 75_000);
    assert.equal(parsed.shutdown_delay, 5000);
    assert.deepEqual(parsed.dedup, { window: 86_400_000, max_ids: 1_000_000 });
    assert.deepEqual([parsed.trusted_proxies, parsed.allow_from], [[], []]);
    assert.deepEqual(factory.dedup?.(parsed), { windowMs: 86_400_000, maxIds: 1_000_000 });
    assert.deepEqual(remarks({}), []);
  });

  it('says what is wrong, where, and all of it', () => {
    assert.match(problems({ integrations: [] }).join(), /^integrations: at least one/);
    assert.match(problems({ integrations: undefined }).join(), /^integrations: /);
    for (const [change, expected] of [
      [{ client_secret: undefined }, /^integrations\.0\.client_secret: is missing: .*signature: none/],
      [{ client_secrets: ['b'] }, /^integrations\.0\.client_secrets: give client_secret or client_secrets, not both$/],
      [{ client_secret: '' }, /^integrations\.0\.client_secret: must not be empty/],
      [{ client_secret: undefined, client_secrets: [] }, /^integrations\.0\.client_secrets: at least one secret/],
      [{ signature: 'none' }, /^integrations\.0\.signature: there is a secret/],
      [{ signature: 'off' }, /^integrations\.0\.signature: /],
      [{ application_name: undefined }, /^integrations\.0\.application_name: /],
      [{ name: '' }, /^integrations\.0\.name: must not be empty/],
      [{ name: 'a\0b' }, /^integrations\.0\.name: must not contain control characters/],
      [{ path: 'no-slash' }, /^integrations\.0\.path: expected a path/],
      [{ path: '/a/../b' }, /^integrations\.0\.path: expected a path/],
      [{ path: '/a//b' }, /^integrations\.0\.path: expected a path/],
      [{ path: '/:id' }, /^integrations\.0\.path: expected a path/],
      [{ path: '/*' }, /^integrations\.0\.path: expected a path/],
      [{ workspaces: { w: { subsytem_name: 'typo' } } }, /^integrations\.0\.workspaces\.w: /],
      [{ surprise: 1 }, /^integrations\.0: /],
    ] as const) {
      const found = problems({ integrations: [{ ...integration, ...change }] });
      assert.equal(found.length, 1, inspect(found));
      assert.match(found[0] ?? '', expected);
    }
    for (const [change, expected] of [
      [{ endpoint: 'localhost' }, /^endpoint: expected host:port/],
      [{ public_url: 'hooks.acme.example' }, /^public_url: expected a URL/],
      [{ public_url: 'ftp://acme.example' }, /^public_url: expected a URL/],
      [{ public_url: 'https://user@acme.example' }, /^public_url: expected a URL/],
      [{ public_url: 'https://acme.example/?' }, /^public_url: expected a URL/],
      [{ public_url: 'https://acme.example/:a' }, /^public_url: expected a URL/],
      [{ url_key: 'short' }, /^url_key: at least 16 characters/],
      [{ url_key: '' }, /^url_key: must not be empty/],
      [{ url_key: 5 }, /^url_key: /],
      [{ max_open_bytes: 'much' }, /^max_open_bytes: expected a size/],
      [{ max_request_body_size: 'much' }, /^max_request_body_size: expected a size/],
      [{ severity: { 'a b': 'info' } }, /^severity: /],
      [{ max_open_bytes: '1MiB' }, /^max_open_bytes: is smaller than max_request_body_size/],
      [{ trusted_proxies: ['10.0.0.0/40'] }, /^trusted_proxies\.0: expected an address or a network/],
      [{ allow_from: ['example.com'] }, /^allow_from\.0: expected an address or a network/],
      [{ severity: 'loud' }, /^severity: /],
      [{ read_timeout: '10' }, /^read_timeout: expected a duration/],
    ] as const) {
      const found = problems(change);
      assert.equal(found.length, 1, inspect(found));
      assert.match(found[0] ?? '', expected);
    }
    const many = problems({
      endpoint: 'x',
      public_url: 'x',
      url_key: 'x',
      integrations: [{ ...integration, path: 'x' }],
    });
    assert.equal(many.length, 4, inspect(many));
  });

  it('refuses two integrations of one name or one path', () => {
    const twins = problems({ integrations: [integration, integration] });
    assert.deepEqual(twins, ['integrations.1.name: is already that of integrations[0]']);
    const paths = problems({
      public_url: 'https://acme.example/a',
      integrations: [
        { ...integration, path: '/a/b' },
        { ...integration, name: 'other', path: '/b' },
      ],
    });
    assert.deepEqual(paths, ['integrations.1.path: /a/b is also served for integrations[0]']);
  });

  it('warns of what works and is probably not meant', () => {
    assert.match(
      remarks({ public_url: 'http://acme.example' }).join(),
      /^warning public_url: Intercom posts to HTTPS only/,
    );
    assert.match(
      remarks({ integrations: [{ ...integration, client_secret: 'a secret\n' }] }).join(),
      /^warning integrations\.0\.client_secret: begins or ends with white space/,
    );
    const open = [{ name: 'open', signature: 'none', application_name: 'acme' }];
    assert.match(
      remarks({ endpoint: ':8080', integrations: open }).join(),
      /^warning integrations\.0\.signature: anyone/,
    );
    assert.deepEqual(remarks({ integrations: open }), []);
    assert.match(
      remarks({ tls: { cert_file: 'c' } }).join(),
      /^error tls\.key_file: TLS configuration must include both certificate and key: write key_file or key_pem/,
    );
  });

  it('never shows a secret', () => {
    const parsed = config.parse({
      url_key: 'hidden-hidden-hidden',
      integrations: [{ ...integration, client_secret: 'hidden' }],
    });
    assert.ok(!`${inspect(parsed, { depth: 9 })}${JSON.stringify(parsed)}`.includes('hidden'));
  });
});
