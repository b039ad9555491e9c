import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogRecord } from '../../src/record/log-record.ts';
import { settle } from '../support/fake-clock.ts';
import { broken, delivered, hold, reject, retry, text } from './backend.ts';
import { type Harness, harness, numbered, processor, until } from './harness.ts';

const isPoison = (name: string) => name.startsWith('poison');
const refusing = (texts: string[]) => (texts.some(isPoison) ? reject : delivered);
const isBad = (record: LogRecord) => text(record).startsWith('bad');
const throwing = processor((record, forward) => {
  if (isBad(record)) throw new TypeError(`can not read "${text(record)}"`);
  forward(record);
});

describe('an entry at which a processor throws', () => {
  it('becomes a dead letter with the error, and its companions go on', async (t) => {
    const scene = await harness({ processors: throwing });
    t.after(scene.stop);
    await scene.append('a', 'bad', 'b', 'bad 2', 'bad 3', 'c');
    assert.deepEqual(scene.exporter.texts, ['a', 'b', 'c']);
    assert.deepEqual(scene.counts(), { delivered: 3, dead_lettered: 3 });
    assert.equal(scene.status.state, 'running');
    const letter = await scene.letterOf('bad');
    const { sent, attempts, position, entry } = letter;
    assert.deepEqual([sent, attempts, position, entry.records], [undefined, 0, 2, 1]);
    assert.deepEqual(letter.cause, {
      kind: 'processing',
      summary: 'a processor threw: TypeError',
      body: 'can not read "bad"',
    });
  });

  it('says nothing of the backend, and needs no backend: it becomes one while the backend is down', async (t) => {
    const scene = await harness({ processors: throwing });
    t.after(scene.stop);
    scene.exporter.answer = () => hold;
    await scene.append('bad', 'a', 'bad 2');
    await scene.advance(60_000);
    assert.deepEqual(scene.counts(), { dead_lettered: 2, pending: 1 });
    assert.equal(scene.status.state, 'held');
  });

  it('does so whatever it throws, and whatever else fails on the way', async (t) => {
    const thrown = [undefined, null, 'a text', 7, Object.create(null), new Error('x'.repeat(100_000))];
    const processors = processor(() => {
      throw thrown.shift();
    });
    const scene = await harness({ processors });
    t.after(scene.stop);
    await scene.append(...numbered(6));
    assert.deepEqual(scene.counts(), { dead_lettered: 6 });
    const heavy = await harness();
    t.after(heavy.stop);
    heavy.exporter.weigh = () => {
      throw new RangeError('too deep');
    };
    await heavy.append('a');
    assert.deepEqual(heavy.counts(), { dead_lettered: 1 });
  });

  it('beside poison: both become dead letters, each for its own reason', async (t) => {
    const scene = await harness({ processors: throwing });
    t.after(scene.stop);
    scene.exporter.answer = refusing;
    await scene.append('a', 'poison', 'bad', 'b', 'c');
    await scene.advance(1000);
    assert.deepEqual(
      scene.letters.map(({ position, kind }) => [position, kind]),
      [
        [2, 'rejected'],
        [3, 'processing'],
      ],
    );
    assert.deepEqual(scene.counts(), { delivered: 3, dead_lettered: 2 });
  });
});

describe('dead letters that can not be kept', () => {
  async function full(): Promise<Harness> {
    const scene = await harness({ processors: throwing });
    scene.exporter.answer = refusing;
    scene.life.survivors.letterTrouble = new Error('the store is full');
    await scene.append('a', 'poison', 'b', 'bad', 'c');
    await scene.advance(1000);
    return scene;
  }

  it('stay pending, are told, and go when there is room; other records go on meanwhile', async (t) => {
    const scene = await full();
    t.after(scene.stop);
    assert.deepEqual(scene.counts(), { delivered: 3, pending: 2 });
    assert.deepEqual(
      [scene.status.state, scene.status.reason],
      ['held', "dead letters can't be kept: the store is full"],
    );
    const asked = scene.exporter.times('poison');
    await scene.append('d');
    await scene.advance(600_000);
    assert.deepEqual(scene.counts(), { delivered: 4, pending: 2 });
    assert.equal(scene.exporter.times('poison'), asked, 'the backend is not asked again');
    scene.life.survivors.letterTrouble = undefined;
    await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 4, dead_lettered: 2 });
    assert.deepEqual([scene.status.state, scene.status.reason], ['running', null]);
    assert.equal((await scene.letterOf('poison')).cause.kind, 'rejected');
  });

  it('are lost in no crash or restart', async (t) => {
    for (const how of ['again', 'kill'] as const) {
      const scene = await full();
      const after = await scene[how]();
      t.after(after.stop);
      await after.append('d');
      await after.advance(60_000);
      assert.equal(after.counts().pending, 2, how);
      after.life.survivors.letterTrouble = undefined;
      await after.append('e');
      await after.advance(60_000);
      assert.equal(after.counts().dead_lettered, 2);
      assert.equal(after.counts().delivered, 5);
    }
  });

  it('can be given up for good all the same, and then the delivery is as before', async (t) => {
    const scene = await full();
    t.after(scene.stop);
    scene.delivery.giveUp(scene.journal.status().next, { kind: 'expire' });
    await scene.advance(1000);
    assert.deepEqual(scene.counts(), { delivered: 3, expired: 2 });
    assert.deepEqual([scene.status.state, scene.status.reason], ['running', null]);
  });

  it('for want of room in a store that is full for real, wait for a letter to be discarded', async (t) => {
    const scene = await harness({ processors: throwing, letters: { maxAgeMs: 0, maxBytes: 10 } });
    t.after(scene.stop);
    await scene.append('bad 111', 'bad 222', 'a');
    assert.deepEqual(scene.counts(), { delivered: 1, pending: 2 });
    assert.equal(scene.letters.length, 0, 'all of a stretch, or none');
    await scene.append('bad 3');
    await scene.advance(15_000);
    assert.deepEqual(scene.counts(), { delivered: 1, pending: 2, dead_lettered: 1 });
    await scene.journal.deadLetters.remove(scene.letters);
    await scene.advance(30_000);
    assert.deepEqual(scene.counts().dead_lettered, 1, 'two are too many for this store');
    assert.match(scene.status.reason ?? '', /dead letters can't be kept/);
  });
});

describe('a dead letter', () => {
  it('is written before its entry is settled: a crash in between leaves one letter, and the entry is tried again', async (t) => {
    const scene = await harness({ processors: throwing });
    await scene.append('a');
    const { put } = scene.journal.deadLetters;
    const hung = new Promise<void>(() => {});
    scene.journal.deadLetters.put = async (letters) => {
      await put.call(scene.journal.deadLetters, letters);
      return hung;
    };
    await scene.append('bad');
    assert.deepEqual(scene.counts(), { delivered: 1, pending: 1 });
    assert.equal(scene.letters.length, 1);
    scene.journal.deadLetters.put = put;
    const after = await scene.kill({ lost: false, processors: (next) => next });
    t.after(after.stop);
    await after.advance(1000);
    assert.deepEqual(after.counts(), { delivered: 2 });
    assert.equal(after.letters.length, 0, 'the letter of an entry that is pending again is gone');
  });

  it('of what may have arrived: a crash before it is kept leads to a repeat, and that is counted', async (t) => {
    for (const trouble of ['fails', 'hangs']) {
      const scene = await harness({ retry: { maxElapsedMs: 1000 } });
      const { put } = scene.journal.deadLetters;
      if (trouble === 'fails') scene.life.survivors.letterTrouble = new Error('EIO');
      else scene.journal.deadLetters.put = () => new Promise(() => {});
      scene.exporter.answer = () => broken;
      await scene.append('a');
      scene.exporter.answer = () => delivered;
      // What is sent beside it saves the state anew.
      await scene.advance(5000);
      await scene.append('b');
      await scene.advance(100);
      assert.deepEqual(scene.counts(), { delivered: 1, pending: 1 });
      await scene.append('c');
      scene.journal.deadLetters.put = put;
      const after = await scene.kill({ lost: false });
      t.after(after.stop);
      after.life.survivors.letterTrouble = undefined;
      await after.advance(60_000);
      assert.deepEqual(after.counts(), { delivered: 3, ambiguous: 1 }, trouble);
    }
  });

  it('that can not be removed at the start stops nothing', async (t) => {
    const scene = await harness();
    scene.exporter.answer = refusing;
    await scene.append('poison', 'a');
    await scene.advance(1000);
    scene.life.survivors.letterTrouble = new Error('EIO');
    const after = await scene.kill();
    t.after(after.stop);
    await after.append('b');
    await after.advance(1000);
    assert.ok(after.status.delivered >= 1);
  });

  it('of a batch that is given up: a thousand are written in few steps, in the order of the journal', async (t) => {
    const scene = await harness({ policy: { maxRecords: 1000 }, retry: { maxElapsedMs: 10_000 } });
    t.after(scene.stop);
    let puts = 0;
    const { put } = scene.journal.deadLetters;
    scene.journal.deadLetters.put = (letters) => {
      puts++;
      return put.call(scene.journal.deadLetters, letters);
    };
    scene.exporter.answer = () => retry();
    await scene.append(...numbered(1000));
    for (let step = 0; step < 12; step++) await scene.advance(5000);
    assert.equal(puts, 4);
    assert.deepEqual(scene.counts(), { dead_lettered: 1000 });
  });
});

it('dead letters are written one stretch after the other: no more of them wait in memory', async (t) => {
  const scene = await harness({ processors: throwing });
  t.after(scene.stop);
  let writing = 0;
  let most = 0;
  const { put } = scene.journal.deadLetters;
  scene.journal.deadLetters.put = async (letters) => {
    most = Math.max(most, ++writing);
    assert.ok(letters.length <= 256);
    for (let turn = 0; turn < 10; turn++) await settle();
    await put.call(scene.journal.deadLetters, letters);
    writing--;
  };
  await scene.append(...numbered(3000, 'bad'));
  await until(() => scene.status.dead_lettered === 3000);
  assert.equal(most, 1);
});
