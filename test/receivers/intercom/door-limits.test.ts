import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JournalError } from '../../../src/journal/journal.ts';
import { latch } from '../../support/latch.ts';
import { Client, send, until } from '../../support/raw-client.ts';
import { notification, openDoor, PATH, request, sign } from './door-harness.ts';

describe('the journal says no', () => {
  const cases = [
    ['full', 429, 'full'],
    ['failed', 429, 'failed'],
    ['closed', 503, 'stopping'],
  ] as const;
  for (const [code, status, reason] of cases) {
    it(`${code}: ${status}, with a time to come back`, async (t) => {
      const door = await openDoor(t);
      door.accept = async () => {
        throw new JournalError(code, 'no');
      };
      const answer = await send(door.port, request({ body: notification() }));
      assert.equal(answer?.status, status);
      assert.match(answer?.headers['retry-after'] ?? '', /^\d+$/);
      assert.deepEqual(door.refused, [reason]);
    });
  }

  it('an unexpected error is a 429 and a line that says BUG', async (t) => {
    const door = await openDoor(t);
    door.accept = () => {
      throw new TypeError('boom');
    };
    assert.equal((await send(door.port, request({ body: notification() })))?.status, 429);
    assert.ok(door.lines.some(({ level, message }) => level === 'error' && message.startsWith('BUG:')));
  });

  it('nothing for long: 429 while Intercom still listens, and the bytes stay counted until the journal let go', async (t) => {
    const door = await openDoor(t, { max_open_bytes: 300, max_request_body_size: 300 });
    const stored = latch();
    const { accept } = door;
    door.accept = async (entries) => {
      await stored.promise;
      return accept(entries);
    };
    const body = notification();
    assert.ok(body.length > 150 && body.length < 300);
    const slow = new Client(door.port);
    t.after(() => slow.close());
    slow.write(request({ body }));
    await until(() => door.clock.pending === 1);
    await door.clock.advance(4500);
    assert.equal((await slow.answer())?.status, 429);
    // The budget is still taken: the next waits, then is refused too.
    const next = new Client(door.port);
    t.after(() => next.close());
    const before = door.clock.pending;
    next.write(request({ body }));
    await until(() => door.clock.pending === before + 2);
    await door.clock.advance(3000);
    assert.equal((await next.answer())?.status, 429);
    stored.open();
    await until(() => door.accepted.length === 1);
    assert.equal((await send(door.port, request({ body })))?.status, 200);
    assert.deepEqual(door.refused, ['failed', 'busy']);
  });
});

describe('the bytes of open requests', () => {
  const body = notification({ text: 'x'.repeat(500) });

  it('beyond the budget wait unread and go on when there is room', async (t) => {
    const door = await openDoor(t, { max_open_bytes: 1000, max_request_body_size: 1000 });
    const first = new Client(door.port);
    const second = new Client(door.port);
    t.after(() => [first, second].map((client) => client.close()));
    const head = request({ headers: { 'Content-Length': String(body.length), 'X-Hub-Signature': sign(body) } });
    first.write(head);
    await until(() => door.clock.pending === 1);
    second.write(request({ body }));
    await until(() => door.clock.pending === 3);
    await door.clock.advance(2999);
    assert.equal(door.accepted.length, 0);
    first.write(body);
    assert.equal((await first.answer())?.status, 200);
    assert.equal((await second.answer())?.status, 200);
    assert.equal(door.accepted.length, 2);
  });

  it('beyond the budget for 3 s are answered 429, and whoever leaves gives up the place', async (t) => {
    const door = await openDoor(t, { max_open_bytes: 1000, max_request_body_size: 1000 });
    const holder = new Client(door.port);
    t.after(() => holder.close());
    holder.write(request({ headers: { 'Content-Length': '900', 'X-Hub-Signature': sign('') } }));
    await until(() => door.clock.pending === 1);
    const leaver = new Client(door.port);
    leaver.write(request({ body }));
    await until(() => door.clock.pending === 3);
    leaver.close();
    await until(() => door.refused.length === 1);
    const waiter = new Client(door.port);
    t.after(() => waiter.close());
    const before = door.clock.pending;
    waiter.write(request({ body }));
    await until(() => door.clock.pending === before + 2);
    await door.clock.advance(3000);
    const answer = await waiter.answer();
    assert.deepEqual([answer?.status, answer?.headers['retry-after']], [429, '60']);
    holder.close();
    await until(() => door.refused.length === 3);
    assert.deepEqual(door.refused, ['malformed', 'busy', 'malformed']);
    assert.equal((await send(door.port, request({ body })))?.status, 200, 'all room is free again');
  });

  it('are not held by clients that declare much and send little', async (t) => {
    const door = await openDoor(t, { max_open_bytes: '6MiB' });
    const clients = Array.from({ length: 40 }, () => new Client(door.port));
    t.after(() => clients.map((client) => client.close()));
    for (const client of clients) {
      client.write(request({ headers: { 'Content-Length': '5000000', 'X-Hub-Signature': sign('') } }));
      client.write('a');
    }
    await until(() => door.clock.pending === clients.length);
    assert.equal((await send(door.port, request({ body })))?.status, 200);
  });
});

describe('a slow client', () => {
  it('whose body takes longer than 10 s is answered 408 and disconnected', async (t) => {
    const door = await openDoor(t);
    const client = new Client(door.port);
    t.after(() => client.close());
    client.write(request({ headers: { 'Content-Length': '1000', 'X-Hub-Signature': sign('') } }));
    client.write('{');
    await until(() => door.clock.pending === 1);
    await door.clock.advance(9999);
    client.write('"');
    assert.deepEqual(door.refused, []);
    await door.clock.advance(1);
    const answer = await client.answer();
    assert.deepEqual([answer?.status, answer?.headers.connection], [408, 'close']);
    await client.closed();
    assert.deepEqual(door.refused, ['timeout']);
  });

  it('whose headers take too long is answered 408, one that says nothing is closed without a word', async (t) => {
    const door = await openDoor(t, { read_header_timeout: '60ms' });
    const slow = new Client(door.port);
    const silent = new Client(door.port);
    slow.write(`POST ${PATH} HTTP/1.1\r\nHost: a\r\nX-Slow:`);
    assert.equal((await slow.answer())?.status, 408);
    assert.equal(await silent.answer(), undefined);
    assert.deepEqual(door.refused, ['timeout']);
  });

  it('that goes on sending after its answer is disconnected', async (t) => {
    const door = await openDoor(t, { read_header_timeout: '50ms', read_timeout: '50ms' });
    const client = new Client(door.port);
    client.write(request({ path: '/nowhere', headers: { 'Content-Length': '1000000000' } }));
    assert.equal((await client.answer())?.status, 404);
    const dribble = setInterval(() => client.write('x'.repeat(100)), 5);
    t.after(() => clearInterval(dribble));
    await client.closed();
  });

  it('that is idle between requests is closed after idle_timeout', async (t) => {
    const door = await openDoor(t, { idle_timeout: '50ms' });
    const client = new Client(door.port);
    client.write(request({ body: notification() }));
    assert.equal((await client.answer())?.status, 200);
    await client.closed();
  });
});

describe('Expect: 100-continue', () => {
  const body = notification();
  const headers = (signature: string | undefined) => ({
    Expect: '100-continue',
    'Content-Length': String(body.length),
    'X-Hub-Signature': signature,
  });

  it('is answered 100 once path and headers are right', async (t) => {
    const door = await openDoor(t);
    const client = new Client(door.port);
    t.after(() => client.close());
    client.write(request({ headers: headers(sign(body)) }));
    assert.equal((await client.answer())?.status, 100);
    client.write(body);
    assert.equal((await client.answer())?.status, 200);
    assert.equal(door.accepted.length, 1);
  });

  it('is not answered 100 when the request is refused for its headers; the connection closes', async (t) => {
    const door = await openDoor(t);
    for (const [bytes, status] of [
      [request({ headers: headers(undefined) }), 401],
      [request({ path: '/nowhere', headers: headers(sign(body)) }), 404],
      [request({ headers: { ...headers(sign(body)), 'Content-Length': '99999999' } }), 413],
    ] as const) {
      const client = new Client(door.port);
      client.write(bytes);
      const answer = await client.answer();
      assert.deepEqual([answer?.status, answer?.headers.connection], [status, 'close']);
      await client.closed();
    }
  });
});
