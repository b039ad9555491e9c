/** What a reload asks of a delivery: to leave off at once, and to answer for other receivers while it runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { delivered } from './backend.ts';
import { appendFrom, harness, numbered } from './harness.ts';

describe('halting', () => {
  it('waits for what is in flight, and begins nothing more: the next one goes on from there', async (t) => {
    const scene = await harness({ policy: { maxInFlight: 1, maxRecords: 2 } });
    const held = latch();
    scene.exporter.answer = () => held.promise.then(() => delivered);
    await scene.append(...numbered(6));
    let isOver = false;
    const halted = scene.delivery.halt(new AbortController().signal).then(() => {
      isOver = true;
    });
    await settle();
    assert.equal(isOver, false);
    held.open();
    await halted;
    assert.deepEqual(scene.exporter.sent, [['n0', 'n1']]);
    assert.deepEqual(scene.counts(), { delivered: 2, pending: 4 });
    const after = await scene.again();
    t.after(after.stop);
    await after.worked();
    assert.deepEqual(after.exporter.sent.flat(), numbered(6));
    assert.deepEqual(after.counts(), { delivered: 6 });
  });
});

describe('serving other receivers', () => {
  it('begins with what comes from then on, and ends with what came before', async (t) => {
    const scene = await harness({ sources: ['in'] });
    t.after(scene.stop);
    const { delivery, exporter, journal } = scene;
    const take = async (source: string, text: string) => {
      const [result] = await appendFrom(journal, source, [text]);
      const position = result?.position ?? 0;
      const isMine = delivery.answersFor(source, position);
      if (isMine) delivery.arrived(position, 1, 0);
      if (isMine) scene.appended.count++;
      await scene.worked();
      await settle();
      return isMine;
    };
    assert.equal(await take('other', 'too early'), false);
    await delivery.serve(['in', 'other']);
    assert.equal(await take('other', 'a'), true);
    assert.equal(await take('in', 'b'), true);
    await delivery.serve(['other']);
    assert.equal(await take('in', 'too late'), false);
    assert.equal(await take('other', 'c'), true);
    await delivery.serve(['in', 'other']);
    assert.equal(await take('in', 'd'), true);
    assert.deepEqual(exporter.sent.flat(), ['a', 'b', 'c', 'd']);
    assert.deepEqual(scene.counts(), { delivered: 4 });
  });

  it('counts an entry that was stored before the change and is told after it', async (t) => {
    const scene = await harness({ sources: ['in', 'other'] });
    t.after(scene.stop);
    const [result] = await appendFrom(scene.journal, 'other', ['a']);
    await settle();
    await scene.delivery.serve(['in']);
    const position = result?.position ?? 0;
    assert.equal(scene.delivery.answersFor('other', position), true);
    scene.appended.count++;
    scene.delivery.arrived(position, 1, 0);
    await scene.worked();
    assert.deepEqual(scene.counts(), { delivered: 1 });
  });
});
