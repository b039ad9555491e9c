import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { latch } from '../../support/latch.ts';
import { Client, send, until } from '../../support/raw-client.ts';
import { notification, openDoor, request } from './door-harness.ts';

describe('shutdown', () => {
  it('announces itself on every answer, lets open requests finish and cuts idle connections', async (t) => {
    const door = await openDoor(t);
    const stored = latch();
    const { accept } = door;
    door.accept = async (entries) => {
      await stored.promise;
      return accept(entries);
    };
    const idle = new Client(door.port);
    idle.write(request({ method: 'HEAD' }));
    assert.equal((await idle.answer({ head: true }))?.headers.connection, 'keep-alive');
    const silent = new Client(door.port);
    await until(() => silent.socket.readyState === 'open');
    const open = new Client(door.port);
    open.write(request({ body: notification() }));
    await until(() => door.clock.pending === 1);

    door.receiver.beginShutdown();
    const late = await send(door.port, request({ method: 'HEAD' }));
    assert.deepEqual([late?.status, late?.headers.connection], [200, 'close']);

    let done = false;
    const closing = door.receiver.shutdown(new AbortController().signal).then(() => {
      done = true;
    });
    await Promise.all([idle.closed(), silent.closed()]);
    await assert.rejects(
      new Promise((resolve, reject) => connect(door.port, '127.0.0.1').on('error', reject).on('connect', resolve)),
      /ECONNREFUSED/,
    );
    assert.equal(done, false);
    stored.open();
    const answer = await open.answer();
    assert.deepEqual([answer?.status, answer?.headers.connection], [200, 'close']);
    await closing;
    await door.receiver.shutdown(new AbortController().signal);
  });

  it('cuts what is still open at the deadline', async (t) => {
    const door = await openDoor(t);
    door.accept = () => new Promise(() => {});
    const open = new Client(door.port);
    open.write(request({ body: notification() }));
    await until(() => door.clock.pending === 1);
    const deadline = new AbortController();
    const closing = door.receiver.shutdown(deadline.signal);
    deadline.abort();
    await closing;
    assert.equal(await open.answer(), undefined);
  });

  it('before start is no trouble', async (t) => {
    const door = await openDoor(t);
    assert.equal(door.receiver.shutdownDelayMs, 5000);
    await door.receiver.shutdown(new AbortController().signal);
    assert.equal(door.receiver.address, undefined);
  });
});
