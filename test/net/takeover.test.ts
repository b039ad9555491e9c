import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { before, describe, it, type TestContext } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import { systemClock } from '../../src/clock.ts';
import { httpServer } from '../../src/config/blocks/http.ts';
import { Doors } from '../../src/net/doors.ts';
import { HttpServer } from '../../src/net/server.ts';
import { type Certificate, type Certificates, makeCertificates, opensslMissing } from '../support/certificates.ts';
import { latch } from '../support/latch.ts';
import { Client, until } from '../support/raw-client.ts';
import { steadyPort } from '../support/steady-port.ts';

const schema = z.object(httpServer({ endpoint: 'localhost:0', maxRequestBodySize: '1MiB' }));
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const soon = () => AbortSignal.timeout(5000);

/** Servers of one owner, one after the other. */
function scene(t: TestContext, { owner = 'receiver a' } = {}) {
  const doors = new Doors((error) => assert.fail(error));
  const server = async (text: string | (() => Promise<string>), settings: object = {}, who = owner) => {
    const created = await HttpServer.create({
      config: schema.parse(settings),
      clock: systemClock,
      doorway: doors.of(who),
    });
    t.after(() => created.shutdown(AbortSignal.abort()));
    created.app.get('/', async () => (typeof text === 'string' ? text : text()));
    return created;
  };
  const client = (port: number) => {
    const made = new Client(port);
    t.after(() => made.close());
    return made;
  };
  return { doors, server, client };
}

async function ask(client: Client) {
  client.write(GET);
  return client.answer();
}

describe('a server that follows another one at its door', () => {
  it('answers on its connections, from the moment of the change on', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('old');
    const { port } = await old.listen();
    const [early, idle] = [client(port), client(port)];
    for (const one of [early, idle]) assert.equal((await ask(one))?.body, 'old');
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new');
    assert.equal((await fresh.listen()).port, port);
    assert.equal((await ask(early))?.body, 'old', 'nothing has changed yet');
    doors.commit();
    await old.shutdown(soon());
    for (const one of [early, idle, client(port)]) {
      const answer = await ask(one);
      assert.deepEqual([answer?.body, answer?.headers.connection], ['new', 'keep-alive']);
    }
    assert.deepEqual([fresh.connections, fresh.address?.port], [3, port]);
  });

  it('leaves what is under way to the one before, which is done only then', async (t) => {
    const { doors, server, client } = scene(t);
    const held = latch<string>();
    let began = false;
    const old = await server(() => {
      began = true;
      return held.promise;
    });
    const { port } = await old.listen();
    const busy = client(port);
    busy.write(GET);
    await until(() => began);
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new');
    await fresh.listen();
    doors.commit();
    let isDone = false;
    const done = old.shutdown(soon()).then(() => {
      isDone = true;
    });
    assert.equal((await ask(client(port)))?.body, 'new');
    assert.equal(isDone, false);
    held.open('old');
    assert.equal((await busy.answer())?.body, 'old');
    await done;
    assert.equal((await ask(busy))?.body, 'new', 'the connection went on');
  });

  it('does nothing where the change is called off', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('old');
    const { port } = await old.listen();
    const kept = client(port);
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new');
    await fresh.listen();
    doors.cancel();
    await fresh.shutdown(soon());
    assert.equal((await ask(kept))?.body, 'old');
    doors.prepare(new Set(['receiver a']));
    await (await server('newer')).listen();
    doors.commit();
    assert.equal((await ask(kept))?.body, 'newer');
    await old.shutdown(soon());
  });

  it('closes the door when it leaves without a successor', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('old');
    const { port } = await old.listen();
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new');
    await fresh.listen();
    doors.commit();
    await old.shutdown(soon());
    const last = client(port);
    assert.equal((await ask(last))?.body, 'new');
    fresh.beginShutdown();
    assert.equal((await ask(last))?.headers.connection, 'close');
    await fresh.shutdown(soon());
    assert.equal(await ask(client(port)), undefined);
  });

  it('does not take the door of somebody who stays', async (t) => {
    const { doors, server } = scene(t);
    const { port } = await (await server('old', {}, 'receiver b')).listen();
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new', { endpoint: `localhost:${port}` });
    await assert.rejects(fresh.listen(), /another process listens there/);
    doors.cancel();
    const steady = await steadyPort(Math.random);
    await (await server('old', { endpoint: `127.0.0.1:${steady}` }, 'receiver c')).listen();
    doors.prepare(new Set(['receiver c']));
    const wider = await server('new', { endpoint: `0.0.0.0:${steady}` }, 'receiver c');
    await assert.rejects(wider.listen(), /while this agent itself listens on 127\.0\.0\.1:\d+: restart it/);
    doors.cancel();
  });

  it('may be somebody else at the same port, and changes times and keep-alives of the connections that are open', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('old');
    const { port } = await old.listen();
    // The door was asked for any port: only its own component follows there.
    doors.prepare(new Set(['receiver a']));
    const mine = await server('mine', { endpoint: 'localhost:0', idle_timeout: '7s' });
    await mine.listen();
    doors.commit();
    await old.shutdown(soon());
    const kept = client(port);
    assert.equal((await ask(kept))?.headers['keep-alive'], 'timeout=7');
    doors.prepare(new Set(['receiver a']));
    const fresh = await server('new', { endpoint: 'localhost:0', keep_alives_enabled: false });
    await fresh.listen();
    doors.commit();
    await mine.shutdown(soon());
    assert.equal((await ask(kept))?.headers.connection, 'close');
  });

  it('has other times that a Node server can not change: the listening socket goes to another one', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('old');
    const { port } = await old.listen();
    const kept = client(port);
    assert.equal((await ask(kept))?.body, 'old');
    for (const [text, time] of [
      ['second', '300ms'],
      ['third', '20s'],
    ]) {
      doors.prepare(new Set(['receiver a']));
      await (await server(text as string, { read_header_timeout: time })).listen();
      doors.commit();
      for (const one of [kept, client(port)]) assert.equal((await ask(one))?.body, text);
    }
    await old.shutdown(soon());
    assert.equal((await ask(kept))?.body, 'third');
  });
});

describe('a new door', () => {
  it('lets those wait who come before the change, and is closed where there is none', async (t) => {
    const { doors, server, client } = scene(t);
    for (const happens of [true, false]) {
      doors.prepare(new Set());
      const fresh = await server('new');
      const { port } = await fresh.listen();
      const early = client(port);
      early.write(GET);
      await until(() => fresh.connections === 1);
      if (happens) doors.commit();
      else {
        doors.cancel();
        await fresh.shutdown(soon());
      }
      assert.equal((await early.answer())?.body, happens ? 'new' : undefined);
    }
  });

  it('that can not be had leaves everything as it was', async (t) => {
    const { doors, server } = scene(t);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    doors.prepare(new Set());
    const { port } = taken.address() as { port: number };
    await assert.rejects((await server('new', { endpoint: `127.0.0.1:${port}` })).listen(), /another process/);
    doors.cancel();
  });
});

describe('a change of TLS at a door', { skip: opensslMissing }, () => {
  let files: Certificates;
  before(() => {
    files = makeCertificates();
  });
  const tls = ({ cert, key }: Certificate) => ({ tls: { cert_pem: cert, key_pem: key } });

  const secureAnswer = (port: number) =>
    new Promise<string>((resolve, reject) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, servername: 'localhost' });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        if (/\r\n\r\n\w+$/.test(text)) {
          socket.destroy();
          resolve(text.slice(text.lastIndexOf('\n') + 1));
        }
      });
      socket.once('error', reject);
      socket.write(GET);
    });

  it('from none to some, and back: the port stays open, and who speaks the old way is answered once more', async (t) => {
    const { doors, server, client } = scene(t);
    const old = await server('plain');
    const { port } = await old.listen();
    const before = client(port);
    assert.equal((await ask(before))?.body, 'plain');
    doors.prepare(new Set(['receiver a']));
    const secure = await server('secure', tls(files.valid));
    await secure.listen();
    doors.commit();
    await old.shutdown(soon());
    assert.equal(await secureAnswer(port), 'secure');
    const last = await ask(before);
    assert.deepEqual([last?.body, last?.headers.connection], ['secure', 'close']);
    doors.prepare(new Set(['receiver a']));
    const plain = await server('again');
    await plain.listen();
    doors.commit();
    await secure.shutdown(soon());
    assert.equal((await ask(client(port)))?.body, 'again');
    await plain.shutdown(soon());
    assert.equal(await ask(client(port)), undefined, 'closed for good');
  });

  it('to other certificates and times reaches new connections, and the old ones are answered once more', async (t) => {
    const { doors, server } = scene(t);
    const old = await server('old', tls(files.valid));
    const { port } = await old.listen();
    const kept = tlsConnect({ port, host: '127.0.0.1', ca: files.ca.cert, servername: 'localhost' });
    t.after(() => kept.destroy());
    let text = '';
    kept.on('data', (chunk) => {
      text += chunk;
    });
    kept.write(GET);
    await until(() => /old$/.test(text));
    for (const settings of [tls(files.otherName), { ...tls(files.valid), read_header_timeout: '3s' }]) {
      doors.prepare(new Set(['receiver a']));
      await (await server('new', settings)).listen();
      doors.commit();
      assert.equal(await secureAnswer(port), 'new');
    }
    text = '';
    kept.write(GET);
    await until(() => /new$/.test(text));
    assert.match(text, /connection: close/i);
    await old.shutdown(soon());
  });
});
