import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { latch } from '../../support/latch.ts';
import { Client, send, until } from '../../support/raw-client.ts';
import { bodySign, notification, openDoor, PATH, request, SECRET, sign } from './door-harness.ts';

describe('a notification', () => {
  it('is accepted with its bytes, its integration and its time before it is answered 200', async (t) => {
    const door = await openDoor(t);
    const stored = latch();
    const { accept } = door;
    door.accept = async (entries) => {
      await stored.promise;
      return accept(entries);
    };
    const body = notification({ text: 'snow ☃' });
    const client = new Client(door.port);
    t.after(() => client.close());
    client.write(request({ body }));
    let answered = false;
    const answer = client.answer().finally(() => {
      answered = true;
    });
    await until(() => door.clock.pending > 0);
    assert.equal(answered, false);
    stored.open();
    const { status, headers, body: text } = (await answer) ?? assert.fail('no answer');
    assert.deepEqual([status, text, headers['content-length']], [200, '', '0']);
    assert.equal(headers.server, undefined);
    assert.equal(headers['x-powered-by'], undefined);
    const [entry, ...more] = door.accepted;
    assert.equal(more.length, 0);
    assert.equal(Buffer.from(entry?.body ?? []).toString(), body);
    assert.deepEqual(
      { ...entry, body: undefined },
      {
        source: 'intercom',
        receivedAt: door.clock.now(),
        records: 1,
        metadata: {
          integration: 'support',
          application_name: 'acme',
          subsystem_name: 'support',
          kind: 'notification',
        },
        body: undefined,
        dedupKey: 'intercom\0support\0id\0notif_0001',
      },
    );
    assert.deepEqual(door.refused, []);
    assert.equal(door.clock.pending, 0, 'no timer is left');
  });

  it('is taken whatever its shape, version, topic and content type, once it is signed', async (t) => {
    const door = await openDoor(t);
    const bodies = [
      '',
      'not json',
      '[]',
      'null',
      '{"topic":',
      '['.repeat(200_000),
      '{"__proto__":{"id":"x"}}',
      Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
      notification({ topic: 'something.never.heard.of', version: 99 }),
      notification({ id: null, topic: 'ping' }),
    ];
    for (const [index, body] of bodies.entries()) {
      const types = [
        undefined,
        '',
        'text/plain',
        'application/x-protobuf',
        'nonsense',
        ';;;',
        'application/json; charset=x',
      ];
      const answer = await send(door.port, request({ body, headers: { 'Content-Type': types[index % types.length] } }));
      assert.equal(answer?.status, 200, `body ${index}`);
      assert.deepEqual(Buffer.from(door.accepted.at(-1)?.body ?? []), Buffer.from(body));
    }
    assert.equal(door.accepted.length, bodies.length);
    assert.equal(door.accepted.at(-1)?.dedupKey, undefined, 'a ping has no identity');
  });

  it('arrives whole in pieces of any size, chunked or not', async (t) => {
    const door = await openDoor(t);
    const body = Buffer.from(notification({ text: 'é'.repeat(150_000) }));
    const chunk = (bytes: Uint8Array) =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    for (const size of [1000, 65_536, 70_000, body.length]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size));
      const plain = new Client(door.port);
      const head = request({ headers: { 'Content-Length': String(body.length), 'X-Hub-Signature': sign(body) } });
      plain.write(head);
      for (const piece of pieces) plain.write(piece);
      assert.equal((await plain.answer())?.status, 200);
      plain.close();
      const chunked = new Client(door.port);
      chunked.write(
        request({
          headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked', 'X-Hub-Signature': sign(body) },
        }),
      );
      for (const piece of pieces) chunked.write(chunk(piece));
      chunked.write('0\r\n\r\n');
      assert.equal((await chunked.answer())?.status, 200);
      chunked.close();
    }
    assert.equal(door.accepted.length, 8);
    for (const entry of door.accepted) assert.deepEqual(entry.body, body);
  });

  it('gets the names of its workspace, or the integration names for a workspace without its own', async (t) => {
    const door = await openDoor(t, {
      integrations: [
        {
          name: 'support',
          client_secret: SECRET,
          application_name: 'acme',
          subsystem_name: 'care',
          path: PATH,
          workspaces: { wsp00001: { subsystem_name: 'care-emea' } },
        },
      ],
    });
    for (const app_id of ['wsp00001', 'other', '__proto__', 'constructor', null, undefined]) {
      await send(door.port, request({ body: notification({ app_id }) }));
    }
    assert.deepEqual(
      door.accepted.map(({ metadata }) => `${metadata.application_name}/${metadata.subsystem_name}`),
      ['acme/care-emea', 'acme/care', 'acme/care', 'acme/care', 'acme/care', 'acme/care'],
    );
  });

  it('has an identity of receiver, integration and id that no other can have', async (t) => {
    const integration = (name: string, path: string) => ({ name, path, client_secret: SECRET, application_name: 'a' });
    const door = await openDoor(t, { integrations: [integration('one', '/one'), integration('two', '/two')] });
    const long = 'x'.repeat(5000);
    const ids = ['1', 1, '1\0id\0', 'one', long, `${long}y`, '9007199254740993', '', null, { a: 1 }, true];
    for (const path of ['/one', '/two']) {
      for (const id of ids) await send(door.port, request({ path, body: notification({ id }) }));
      await send(door.port, request({ path, body: notification().replace('"notif_0001"', '9007199254740992') }));
    }
    const keys = door.accepted.map(({ dedupKey }) => dedupKey);
    assert.equal(keys.length, 24);
    assert.equal(keys[0], keys[1], 'the number 1 and the string "1" are one id');
    assert.deepEqual(keys.slice(7, 11), [undefined, undefined, undefined, undefined]);
    const distinct = new Set(keys.filter((key) => key !== undefined));
    assert.equal(distinct.size, 14);
    for (const key of distinct) assert.ok(key.length < 300);
  });

  it('is answered 200 when it is a duplicate', async (t) => {
    const door = await openDoor(t);
    door.accept = async () => [{ kind: 'duplicate', position: 1 }];
    assert.equal((await send(door.port, request({ body: notification() })))?.status, 200);
  });
});

describe('HEAD', () => {
  it('is answered 200 without a body on every path of an integration, without a signature', async (t) => {
    const door = await openDoor(t, { public_url: 'https://acme.example/prefix' });
    for (const path of [PATH, `${PATH}/`, `${PATH}?a=b`, `/prefix${PATH}`]) {
      const answer = await send(door.port, request({ method: 'HEAD', path }));
      assert.deepEqual([answer?.status, answer?.body], [200, ''], path);
    }
    assert.equal((await send(door.port, request({ method: 'HEAD', path: '/' })))?.status, 404);
    assert.deepEqual(door.accepted, []);
  });
});

describe('the path', () => {
  it('is served with and without the prefix of public_url, since proxies strip it or not', async (t) => {
    const door = await openDoor(t, { public_url: 'https://acme.example/a/b/' });
    for (const path of [PATH, `/a/b${PATH}`, `${PATH}/`, `http://acme.example${PATH}`, '/%68ooks/support']) {
      assert.equal((await send(door.port, request({ path, body: notification() })))?.status, 200, path);
    }
    for (const path of [`/a${PATH}`, `/b${PATH}`, `/a/b/a/b${PATH}`, `/x/..${PATH}`, `/${PATH}`, PATH.toUpperCase()]) {
      assert.equal((await send(door.port, request({ path, body: notification() })))?.status, 404, path);
    }
    assert.equal(door.accepted.length, 5);
  });
});

describe('health checks and uninstalls', () => {
  it('a health check is answered with its state and not stored', async (t) => {
    const door = await openDoor(t);
    const body = '{ "workspace_id": "wsp00001" }';
    const answer = await send(
      door.port,
      request({ body, headers: { 'X-Hub-Signature': undefined, 'X-Body-Signature': bodySign(body) } }),
    );
    assert.equal(answer?.status, 200);
    assert.match(answer?.headers['content-type'] ?? '', /^application\/json/);
    assert.deepEqual(JSON.parse(answer?.body ?? ''), { state: 'OK' });
    assert.deepEqual(door.accepted, []);
  });

  it('an uninstall is stored and answered with JSON', async (t) => {
    const door = await openDoor(t);
    const body = '{"app_id":"wsp00001"}';
    const answer = await send(
      door.port,
      request({ body, headers: { 'X-Hub-Signature': undefined, 'X-Body-Signature': bodySign(body) } }),
    );
    assert.deepEqual([answer?.status, answer?.body], [200, '{}']);
    assert.equal(door.accepted[0]?.metadata.kind, 'uninstall');
    assert.equal(door.accepted[0]?.dedupKey, undefined);
  });

  it('what else is signed that way is kept as a notification', async (t) => {
    const door = await openDoor(t);
    const body = notification();
    const headers = { 'X-Hub-Signature': undefined, 'X-Body-Signature': bodySign(body).toUpperCase() };
    assert.equal((await send(door.port, request({ body, headers })))?.status, 200);
    assert.equal(door.accepted[0]?.metadata.kind, 'notification');
  });

  it('needs its own signature, right in every digit; with both headers both must be right', async (t) => {
    const door = await openDoor(t);
    const body = '{"workspace_id":"wsp00001"}';
    const good = bodySign(body);
    const cases: [string | undefined, string, number][] = [
      [undefined, bodySign(body, 'other'), 401],
      [undefined, `sha256=${good}`, 401],
      [undefined, good.slice(1), 401],
      [undefined, sign(body), 401],
      [sign(body), bodySign(body, 'other'), 401],
      [sign(body, 'other'), good, 401],
      [sign(body), 'nonsense', 401],
      [sign(body), good, 200],
    ];
    for (const [hub, signature, status] of cases) {
      const headers = { 'X-Hub-Signature': hub, 'X-Body-Signature': signature };
      assert.equal((await send(door.port, request({ body, headers })))?.status, status, `${hub} ${signature}`);
    }
    assert.deepEqual(
      door.accepted.map(({ metadata }) => metadata.kind),
      ['notification'],
    );
  });
});

describe('signature: none', () => {
  it('takes what is not signed, and tells health checks and uninstalls by their header', async (t) => {
    const door = await openDoor(t, {
      integrations: [{ name: 'open', signature: 'none', application_name: 'acme', path: PATH }],
    });
    const none = { 'X-Hub-Signature': undefined };
    assert.equal((await send(door.port, request({ body: notification(), headers: none })))?.status, 200);
    assert.equal((await send(door.port, request({ body: '{}', headers: { 'X-Hub-Signature': 'junk' } })))?.status, 200);
    const body = '{"workspace_id":"w"}';
    const headers = { ...none, 'X-Body-Signature': bodySign(body, 'unknown') };
    assert.equal((await send(door.port, request({ body, headers })))?.body, '{"state":"OK"}');
    assert.equal(door.accepted.length, 2);
  });
});

describe('pipelining', () => {
  it('answers in order, and the good ones before garbage behind them', async (t) => {
    const door = await openDoor(t);
    const client = new Client(door.port);
    t.after(() => client.close());
    const good = request({ body: notification() });
    client.write(Buffer.concat([good, request({ path: '/x' }), good, Buffer.from('garbage\r\n\r\n')]));
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await client.answer())?.status);
    assert.deepEqual(statuses, [200, 404, 200]);
    await client.closed();
    assert.equal(door.accepted.length, 2);
  });
});

describe('a signed body', () => {
  it('with any byte changed is never taken', async (t) => {
    const door = await openDoor(t);
    const body = Buffer.from(notification());
    const signature = sign(body);
    const client = new Client(door.port);
    t.after(() => client.close());
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(body);
        changed[at] = (changed[at] as number) ^ flip;
        client.write(request({ body: changed, headers: { 'X-Hub-Signature': signature } }));
        assert.equal((await client.answer())?.status, 401);
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
        async (bytes, hex) => {
          client.write(request({ body: bytes, headers: { 'X-Hub-Signature': `sha1=${hex}` } }));
          assert.equal((await client.answer())?.status, 401);
        },
      ),
      { numRuns: 200 },
    );
    assert.deepEqual(door.accepted, []);
    client.write(request({ body }));
    assert.equal((await client.answer())?.status, 200, 'the connection and the door are as good as before');
  });
});
