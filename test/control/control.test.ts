import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { AuditLog } from '../../src/control/audit.ts';
import { ControlClient } from '../../src/control/client.ts';
import { type LetterDetails, OperationError, type Operations } from '../../src/control/operations.ts';
import { ControlServer } from '../../src/control/server.ts';
import { socketPath, socketState } from '../../src/control/socket.ts';
import { JournalError } from '../../src/journal/journal.ts';
import { latch } from '../support/latch.ts';
import { delivery, fakeOperations, ledgerOf, letter, recordingLog, temporary } from './fixtures.ts';

const WHO = { uid: 1000, user: 'ada' };
const never = () => new AbortController().signal;

function serverOn(t: TestContext, directory: string, operations: Operations) {
  const { log, lines } = recordingLog();
  const audit = new AuditLog({ directory, clock: systemClock, log });
  const server = new ControlServer({ operations, directory, audit, version: '1.2.3', log, clock: systemClock });
  t.after(() => server.shutdown(AbortSignal.abort()));
  const warnings = () => lines.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields.reason));
  return { server, lines, warnings };
}

async function talking(t: TestContext, answers: Partial<Operations> = {}) {
  const directory = temporary(t);
  const { operations, calls } = fakeOperations(answers);
  const { server, lines, warnings } = serverOn(t, directory, operations);
  await server.start();
  assert.deepEqual(warnings(), []);
  const client = new ControlClient({ socket: socketPath(directory), who: WHO });
  return { directory, server, client, calls, lines };
}

/** Listens at a path as a process of someone else does; unlinks nothing by itself. */
async function stranger(t: TestContext, path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  await once(server.listen(path), 'listening');
  return server;
}

/** A socket file whose process has died. */
async function stale(t: TestContext, path: string): Promise<void> {
  const aside = `${path}.aside`;
  const server = await stranger(t, aside);
  // Closing unlinks the name that was bound.
  renameSync(aside, path);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await socketState(path, systemClock), 'stale');
}

describe('commands over the socket', () => {
  test('every operation arrives with its arguments, and its answer comes back', async (t) => {
    const ledger = ledgerOf([delivery()]);
    const answers: Partial<Operations> = {
      ledger: async () => ledger,
      letters: async () => [letter(1), letter(2)],
      letterDetails: async function* () {
        yield letter(3);
      },
      retryLetters: async () => ({ letters: 2, left: 1 }),
      discardLetters: async () => ({ letters: 3 }),
      replay: async () => [{ id: 'a1', pipeline: 'logs', exporter: 'coralogix', records: 4 }],
      forgetDelivery: async () => ({ undelivered: 5 }),
      skipDelivery: async () => ({ records: 6 }),
      erase: async () => ({ entries: 7, letters: 8 }),
      drain: async () => ({ pending: 9 }),
    };
    const { client, calls } = await talking(t, answers);
    const filter = {
      ids: ['0123456789-1'],
      kind: 'rejected',
      topic: 'ticket.*',
      since: '2026-01-01T00:00:00Z',
    } as const;
    const request = { exporter: 'coralogix', from: '2026-01-01T00:00:00Z', rate: 50, dry_run: true };
    const details: LetterDetails[] = [];
    for await (const one of client.letterDetails({})) details.push(one);
    assert.deepEqual(details, [letter(3)]);
    assert.deepEqual(await client.ledger(), ledger);
    assert.deepEqual(await client.letters(filter), [letter(1), letter(2)]);
    assert.deepEqual(await client.retryLetters(filter), { letters: 2, left: 1 });
    assert.deepEqual(await client.discardLetters({}), { letters: 3 });
    assert.deepEqual(await client.replay(request), [{ id: 'a1', pipeline: 'logs', exporter: 'coralogix', records: 4 }]);
    assert.equal(await client.cancelReplay('a1'), undefined);
    assert.equal(await client.renameDelivery('logs a', 'logs b'), undefined);
    assert.deepEqual(await client.forgetDelivery('logs a'), { undelivered: 5 });
    assert.deepEqual(await client.skipDelivery('logs a', { discard: true }), { records: 6 });
    assert.deepEqual(await client.erase('ada@acme.example', { dry_run: false }), { entries: 7, letters: 8 });
    assert.deepEqual(await client.drain(), { pending: 9 });
    assert.equal(await client.version(), '1.2.3');
    assert.deepEqual(calls, [
      ['letterDetails', {}],
      ['ledger'],
      ['letters', filter],
      ['retryLetters', filter],
      ['discardLetters', {}],
      ['replay', request],
      ['cancelReplay', 'a1'],
      ['renameDelivery', 'logs a', 'logs b'],
      ['forgetDelivery', 'logs a'],
      ['skipDelivery', 'logs a', { discard: true }],
      ['erase', 'ada@acme.example', { dry_run: false }],
      ['drain'],
    ]);
  });

  test('a refusal, and trouble of the journal, come out with the same words; anything else is a bug, and the agent says so', async (t) => {
    let error: Error = new OperationError('There is no replay "x".');
    const { client, lines } = await talking(t, {
      cancelReplay: () => Promise.reject(error),
      letterDetails: async function* () {
        yield letter(1);
        throw error;
      },
    });
    await assert.rejects(client.cancelReplay('x'), { name: 'OperationError', message: 'There is no replay "x".' });
    error = new JournalError('full', 'the volume is full');
    await assert.rejects(client.cancelReplay('x'), { name: 'OperationError', message: 'the volume is full' });
    assert.deepEqual(
      lines.filter(({ level }) => level === 'error'),
      [],
    );
    error = new TypeError('x is undefined');
    await assert.rejects(client.cancelReplay('x'), { name: 'Error', message: 'BUG: x is undefined' });
    const read = async () => {
      for await (const { id } of client.letterDetails({})) assert.equal(id, '0123456789-1');
    };
    await assert.rejects(read(), { name: 'Error', message: 'BUG: x is undefined' });
    error = new OperationError('gone');
    await assert.rejects(read(), { name: 'OperationError', message: 'gone' });
    const logged = lines.filter(({ level }) => level === 'error');
    assert.deepEqual(
      logged.map(({ fields }) => fields.operation),
      ['cancelReplay', 'letterDetails'],
    );
  });

  test('a list is read as slowly as the reader likes, and given up when the reader goes away', async (t) => {
    let made = 0;
    const ended = latch();
    const { client } = await talking(t, {
      letterDetails: async function* () {
        try {
          for (; made < 10_000; made++) yield letter(made, { body: 'x'.repeat(100_000) });
        } finally {
          ended.open();
        }
      },
    });
    let seen = 0;
    for await (const { position } of client.letterDetails({})) {
      assert.equal(position, seen);
      if (++seen === 20) break;
    }
    await ended.promise;
    // A gigabyte in all: only what the buffers of the socket hold was made.
    assert.ok(made < 200, `${made} letters were made for a reader of ${seen}`);
  });

  test('a tap goes on in silence, takes no turn of other commands, and ends when who looks goes away', async (t) => {
    const left = latch();
    const taps: unknown[] = [];
    const { client, directory } = await talking(t, {
      drain: () => new Promise<never>(() => {}),
      tap: async function* (request, gone) {
        taps.push(request);
        yield { kind: 'begun', pipelines: ['logs'], joins_over_ms: 0 };
        await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve(), { once: true }));
        left.open();
      },
    });
    const impatient = new ControlClient({
      socket: socketPath(directory),
      who: WHO,
      patience: { quickMs: 200, slowMs: 200 },
    });
    const going = new AbortController();
    const request = { at: 'redaction', rate: 5 };
    const lines = impatient.tap(request, going.signal)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value?.kind, 'begun');
    let ended = false;
    const silent = lines.next().finally(() => {
      ended = true;
    });
    const others = Array.from({ length: 9 }, () => client.tap({ rate: 1 }, going.signal)[Symbol.asyncIterator]());
    for (const other of others) assert.equal((await other.next()).value?.kind, 'begun');
    assert.ok(await client.ledger());
    // As long as its patience with an answer.
    await assert.rejects(impatient.drain(), /did not answer within 0\.2 s/);
    assert.equal(ended, false);
    going.abort();
    assert.deepEqual(await silent, { done: true, value: undefined });
    await left.promise;
    assert.deepEqual(taps[0], request);
    assert.equal(taps.length, 10);
    const audit = readFileSync(join(directory, 'audit.log'), 'utf8').trimEnd().split('\n');
    assert.equal(audit.length, 10);
    assert.match(
      audit[0] ?? '',
      /"command":"tail","arguments":\{"at":"redaction","rate":5\},"who":\{"uid":1000,"user":"ada"\}/,
    );
  });

  test('an agent that ends before it has answered, or says nothing, is told as that', async (t) => {
    const never = new Promise<never>(() => {});
    const asked = latch();
    const { directory, client, server } = await talking(t, {
      drain: () => never,
      ledger: () => {
        asked.open();
        return never;
      },
    });
    const impatient = new ControlClient({
      socket: socketPath(directory),
      who: WHO,
      patience: { quickMs: 50, slowMs: 50 },
    });
    await assert.rejects(impatient.drain(), { name: 'OperationError', message: /did not answer within 0\.05 s/ });
    const asking = assert.rejects(client.ledger(), {
      name: 'OperationError',
      message: /ended, or closed the connection/,
    });
    await asked.promise;
    await server.shutdown(AbortSignal.abort());
    await asking;
    await assert.rejects(client.ledger(), { name: 'OperationError' });
  });

  test('what is no operation, not understood or too large is refused in words', async (t) => {
    const { client, directory, calls } = await talking(t);
    const post = (path: string, body: string) =>
      new Promise<{ status?: number; text: string }>((resolve, reject) => {
        const sent = request({ socketPath: socketPath(directory), path, method: 'POST' }, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode, text }));
        });
        sent.on('error', reject);
        sent.end(body);
      });
    for (const name of ['nosuch', 'toString', '__proto__', 'constructor', 'ledger/x'])
      assert.equal((await post(`/v1/${name}`, '{}')).status, 404, name);
    assert.match((await post('/v2/ledger', '{}')).text, /version 1\.2\.3.*another release/);
    assert.equal((await post('/v1/ledger', 'no json')).status, 409);
    const wrong = await post('/v1/skipDelivery', '{"arguments":{"name":"logs a"}}');
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /discard/);
    const ids = Array.from({ length: 200_000 }, (_, index) => `0123456789-${index}`);
    await assert.rejects(client.retryLetters({ ids }), {
      name: 'OperationError',
      message: /larger than 1048576 bytes/,
    });
    assert.deepEqual(calls, []);
    assert.ok(await client.ledger());
  });

  test('only so many commands are answered at a time, and changes come one after the other', async (t) => {
    const gate = latch();
    const order: string[] = [];
    const { client } = await talking(t, {
      ledger: async () => {
        await gate.promise;
        return ledgerOf([]);
      },
      skipDelivery: async (name) => {
        order.push(`${name} begins`);
        await gate.promise;
        order.push(`${name} ends`);
        return { records: 0 };
      },
    });
    const ledgers = Array.from({ length: 6 }, () => client.ledger());
    const skips = ['logs a', 'logs b'].map((name) => client.skipDelivery(name, { discard: false }));
    const refused = async () => {
      for (;;) {
        const answer = await client.erase('x', { dry_run: true }).catch((error: Error) => error);
        if (answer instanceof Error) return answer.message;
      }
    };
    assert.match(await refused(), /busy with 8 other commands/);
    gate.open();
    await Promise.all([...ledgers, ...skips]);
    const [first, second] = order[0] === 'logs a begins' ? ['logs a', 'logs b'] : ['logs b', 'logs a'];
    assert.deepEqual(order, [`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });

  test('stopping lets a change finish, cuts who only reads, and takes nothing new', async (t) => {
    const gate = latch();
    const begun = latch();
    const { client, server } = await talking(t, {
      erase: async () => {
        begun.open();
        await gate.promise;
        return { entries: 1, letters: 1 };
      },
      letterDetails: async function* () {
        yield letter(1);
        await gate.promise;
        yield letter(2);
      },
    });
    const erasing = client.erase('x', { dry_run: false });
    const reading = client.letterDetails({})[Symbol.asyncIterator]();
    await reading.next();
    await begun.promise;
    const stopped = server.shutdown(never());
    await assert.rejects(reading.next(), { name: 'OperationError' });
    await assert.rejects(client.ledger(), { name: 'OperationError' });
    gate.open();
    assert.deepEqual(await erasing, { entries: 1, letters: 1 });
    await stopped;
    assert.equal(server.shutdown(never()), server.shutdown(never()));
  });
});

describe('the audit log', () => {
  test('has a line for each change and for each that failed, with who asked for it, and none for a look', async (t) => {
    const { directory, client } = await talking(t, {
      retryLetters: async () => ({ letters: 2 }),
      renameDelivery: () => Promise.reject(new OperationError('There is no delivery "logs a".')),
    });
    await client.ledger();
    await client.letters({});
    await client.erase('ada@acme.example', { dry_run: true });
    await client.replay({ exporter: 'coralogix', rate: 1, dry_run: true });
    assert.equal(existsSync(join(directory, 'audit.log')), false);

    await client.retryLetters({ kind: 'rejected', ids: Array.from({ length: 150 }, (_, index) => `id-${index}`) });
    await assert.rejects(client.renameDelivery('logs a', 'logs b'));
    await client.erase('ada@acme.example', { dry_run: false });
    const text = readFileSync(join(directory, 'audit.log'), 'utf8');
    assert.equal(text.includes('ada@acme.example'), false);
    const [retried, renamed, erased] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.match(retried.time, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(retried.who, WHO);
    assert.deepEqual([retried.command, retried.result], ['dead-letters retry', { letters: 2 }]);
    assert.equal(retried.arguments.kind, 'rejected');
    assert.deepEqual([retried.arguments.ids.length, retried.arguments.ids.at(-1)], [101, 'and 50 more']);
    assert.deepEqual(
      { ...renamed, time: '' },
      {
        time: '',
        command: 'deliveries rename',
        arguments: { from: 'logs a', to: 'logs b' },
        who: WHO,
        error: 'There is no delivery "logs a".',
      },
    );
    assert.match(erased.arguments.contact, /^sha256:[0-9a-f]{16}$/);
    assert.equal(lstatSync(join(directory, 'audit.log')).mode & 0o777, 0o600);
  });

  test('goes on behind a torn line, and a log that cannot be written does not keep the change from happening', async (t) => {
    const { directory, client, lines } = await talking(t, { drain: async () => ({ pending: 3 }) });
    writeFileSync(join(directory, 'audit.log'), '{"time":"2026-01-01T00:0');
    await client.drain();
    const [torn, whole] = readFileSync(join(directory, 'audit.log'), 'utf8').split('\n');
    assert.equal(torn, '{"time":"2026-01-01T00:0');
    assert.equal(JSON.parse(whole as string).command, 'drain');

    const other = await talking(t, { drain: async () => ({ pending: 3 }) });
    mkdirSync(join(other.directory, 'audit.log'));
    assert.deepEqual(await other.client.drain(), { pending: 3 });
    const [warning] = other.lines.filter(({ level }) => level === 'warn');
    assert.match(String(warning?.fields.change), /"command":"drain"/);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn'),
      [],
    );
  });
});

describe('the socket', () => {
  test('is for its user alone, and gone after an orderly end', async (t) => {
    const directory = temporary(t);
    chmodSync(directory, 0o755);
    const mask = process.umask(0o022);
    t.after(() => process.umask(mask));
    const { server } = serverOn(t, directory, fakeOperations().operations);
    await server.start();
    assert.equal(process.umask(), 0o022);
    assert.equal(lstatSync(socketPath(directory)).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['agent.sock']);
    await server.shutdown(never());
    assert.deepEqual(readdirSync(directory), []);
  });

  test('of a process that died is replaced, also one that died while it made it', async (t) => {
    const directory = temporary(t);
    await stale(t, socketPath(directory));
    await stale(t, join(directory, 'agent.new'));
    const { server, warnings } = serverOn(t, directory, fakeOperations().operations);
    await server.start();
    assert.deepEqual(warnings(), []);
    assert.ok(await new ControlClient({ socket: socketPath(directory), who: WHO }).ledger());
    assert.deepEqual(readdirSync(directory), ['agent.sock']);
  });

  test('at which another process listens is left alone: the agent runs on and says so', async (t) => {
    const directory = temporary(t);
    await stranger(t, socketPath(directory));
    const { server, warnings } = serverOn(t, directory, fakeOperations().operations);
    await server.start();
    assert.match(warnings().join(), /another process listens/);
    await server.shutdown(never());
    assert.equal(await socketState(socketPath(directory), systemClock), 'live');
  });

  test('is not put in the place of a file', async (t) => {
    const directory = temporary(t);
    writeFileSync(socketPath(directory), 'mine');
    const { server, warnings } = serverOn(t, directory, fakeOperations().operations);
    await server.start();
    assert.match(warnings().join(), /is no socket; it was left alone/);
    await server.shutdown(never());
    assert.equal(readFileSync(socketPath(directory), 'utf8'), 'mine');
  });

  test('whose path is too long is not made under a cut name', async (t) => {
    const root = temporary(t);
    const directory = join(root, 'x'.repeat(108 - root.length - '/'.length - '/agent.sock'.length));
    assert.equal(Buffer.byteLength(socketPath(directory)), 108);
    mkdirSync(directory);
    const { server, warnings } = serverOn(t, directory, fakeOperations().operations);
    await server.start();
    assert.match(warnings().join(), /108 bytes long.*at most 10[37].*shorter data directory/);
    assert.deepEqual([readdirSync(directory), readdirSync(root).length], [[], 1]);
    await server.shutdown(never());
  });

  test('of whoever came after is not unlinked', async (t) => {
    const directory = temporary(t);
    const first = serverOn(t, directory, fakeOperations().operations).server;
    await first.start();
    const successor = join(directory, 'successor.sock');
    await stranger(t, successor);
    renameSync(successor, socketPath(directory));
    await first.shutdown(never());
    assert.equal(await socketState(socketPath(directory), systemClock), 'live');
  });

  test('a client that sends nothing, or half a request, keeps nobody from being answered', async (t) => {
    const { directory, client, server } = await talking(t);
    const idle: Socket[] = [];
    for (const text of ['', 'POST /v1/ledger HTTP/1.1\r\nContent-Length: 100\r\n\r\n{', 'nonsense\r\n\r\n']) {
      const socket = connect(socketPath(directory));
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(text);
      idle.push(socket);
    }
    assert.ok(await client.ledger());
    const deadline = new AbortController();
    const stopped = server.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    for (const socket of idle) socket.destroy();
  });
});
