import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../src/config/secret.ts';
import { config } from '../../../src/receivers/intercom/config.ts';
import { integrationUrls } from '../../../src/receivers/intercom/urls.ts';
import { send } from '../../support/raw-client.ts';
import { notification, openDoor, request, SECRET, sign } from './door-harness.ts';

describe('addresses', () => {
  const settings = { allow_from: ['192.0.2.0/24', '2001:db8::/32'], trusted_proxies: ['127.0.0.1'] };
  const from = (forwarded: string | undefined, method = 'POST') =>
    request({ method, body: method === 'POST' ? notification() : '', headers: { 'X-Forwarded-For': forwarded } });

  it('outside allow_from get 403, whatever they ask for, and 404 on other paths', async (t) => {
    const door = await openDoor(t, settings);
    for (const [forwarded, status] of [
      ['192.0.2.7', 200],
      ['203.0.113.9, 192.0.2.7', 200],
      ['2001:db8::1', 200],
      ['[2001:db8::1]:4711', 200],
      ['192.0.2.7:4711', 200],
      ['192.0.2.7, 127.0.0.1', 200],
      ['192.0.2.7, 203.0.113.9', 403],
      ['192.0.2.7, unknown', 403],
      ['', 403],
      [undefined, 403],
    ] as const) {
      assert.equal((await send(door.port, from(forwarded)))?.status, status, String(forwarded));
    }
    assert.equal((await send(door.port, from('203.0.113.9', 'HEAD')))?.status, 403);
    assert.equal((await send(door.port, from('203.0.113.9', 'GET')))?.status, 403);
    assert.equal((await send(door.port, from('192.0.2.7', 'GET')))?.status, 405);
    assert.equal((await send(door.port, request({ path: '/other' })))?.status, 404);
    assert.equal(door.accepted.length, 6);
  });

  it('are taken from X-Forwarded-For only when the peer is trusted', async (t) => {
    const door = await openDoor(t, { ...settings, trusted_proxies: [] });
    assert.equal((await send(door.port, from('192.0.2.7')))?.status, 403);
    const open = await openDoor(t, { allow_from: ['127.0.0.0/8'] });
    assert.equal((await send(open.port, from('203.0.113.9')))?.status, 200);
  });
});

describe('the log', () => {
  it('has the first five refusals of a kind and minute, then how many were left out', async (t) => {
    const door = await openDoor(t);
    const warnings = () => door.lines.filter(({ level }) => level === 'warn');
    for (let i = 0; i < 9; i++) await send(door.port, request({ headers: { 'X-Hub-Signature': sign('', `${i}`) } }));
    await send(door.port, request({ path: '/x' }));
    assert.equal(door.refused.length, 10);
    assert.equal(warnings().length, 6);
    await door.clock.advance(60_000);
    assert.deepEqual(
      warnings()
        .slice(6)
        .map(({ fields }) => fields),
      [{ reason: 'signature', suppressed: 4 }],
    );
    await send(door.port, request({ headers: { 'X-Hub-Signature': sign('', 'again') } }));
    assert.equal(warnings().length, 8);
  });

  it('never has a token, a secret, a signature or a body, and long texts only in part', async (t) => {
    const door = await openDoor(t, {
      public_url: 'https://acme.example/pre',
      url_key: 'a key of twenty letters',
      integrations: [{ name: 'support', client_secret: SECRET, application_name: 'acme' }],
    });
    const settings = config.parse({
      integrations: [{ name: 'support', client_secret: SECRET, application_name: 'a' }],
    });
    const [{ path } = { path: '' }] = integrationUrls(settings, new Secret('a key of twenty letters'));
    const token = path.slice('/intercom/'.length);
    const body = 'a very private body';
    assert.equal((await send(door.port, request({ path, body })))?.status, 200);
    for (const bytes of [
      request({ path, method: 'GET' }),
      request({ path, method: 'DELETE' }),
      request({ path, body, headers: { 'X-Hub-Signature': sign(body, 'wrong') } }),
      request({ path: `/wrong${path}`, body }),
      request({ path: `/${token}`, body }),
      request({ path: `${path}x?token=${token}`, body }),
      request({ path: `/intercom//${token}`, body }),
      request({ path: `/${'long/'.repeat(1000)}`, body }),
      request({ path: `/${'l'.repeat(1000)}`, body }),
    ]) {
      await send(door.port, bytes);
      await door.clock.advance(60_000);
    }
    assert.equal(door.lines.filter(({ level }) => level === 'warn').length, 9);
    const text = JSON.stringify(door.lines);
    for (const hidden of [token, token.slice(0, 12), SECRET, sign(body).slice(5), 'private', 'twenty']) {
      assert.ok(!text.includes(hidden), hidden);
    }
    for (const { fields } of door.lines) {
      for (const value of Object.values(fields)) assert.ok(String(value).length <= 200);
    }
  });

  it('warns once where others can reach a door without TLS', async (t) => {
    const open = await openDoor(t, { endpoint: '0.0.0.0:0' });
    const local = await openDoor(t);
    const about = (door: typeof open) =>
      door.lines.filter(({ level, message }) => level === 'warn' && /TLS/.test(message));
    assert.equal(about(open).length, 1);
    assert.equal(about(local).length, 0);
  });
});
