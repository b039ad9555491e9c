import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Routes } from '../../src/delivery/routes.ts';
import { delivered, hold, text } from './backend.ts';
import { harness, processor } from './harness.ts';

const marking = (mark: string) =>
  processor((record, forward) => {
    record.body = `${text(record)}${mark}`;
    forward(record);
  });
const dropping = (word: string) =>
  processor((record, forward) => {
    if (!text(record).includes(word)) forward(record);
  });
const failing = (word: string) =>
  processor((record, forward) => {
    if (text(record).includes(word)) throw new Error('it can not be done');
    forward(record);
  });

describe('two ways from a receiver to a delivery', () => {
  it('send its records twice, each as its own processors left it; the ledger counts them once', async (t) => {
    const scene = await harness({
      routes: [
        { sources: ['in'], processors: marking('+') },
        { sources: ['in', 'other'], processors: marking('-') },
      ],
    });
    t.after(scene.stop);
    await scene.append('a', 'b');
    assert.deepEqual(scene.exporter.sent, [['a+', 'a-', 'b+', 'b-']]);
    assert.deepEqual(scene.counts(), { delivered: 2 });
  });

  it('filter a record where neither lets it through', async (t) => {
    const scene = await harness({
      routes: [
        { sources: ['in'], processors: dropping('x') },
        { sources: ['in'], processors: dropping('y') },
      ],
    });
    t.after(scene.stop);
    await scene.append('x', 'y', 'xy');
    assert.deepEqual(scene.exporter.sent, [['x', 'y']]);
    assert.deepEqual(scene.counts(), { delivered: 2, filtered: 1 });
  });

  it('bury it whole where one of them fails: nothing of it was sent', async (t) => {
    const scene = await harness({
      routes: [
        { sources: ['in'], processors: marking('+') },
        { sources: ['in'], processors: failing('x') },
      ],
    });
    t.after(scene.stop);
    await scene.append('x', 'a');
    assert.deepEqual(scene.exporter.sent, [['a+', 'a']]);
    assert.deepEqual(scene.counts(), { delivered: 1, dead_lettered: 1 });
  });

  it('go on balancing when one of them is added, after a crash, while entries are pending', async (t) => {
    const first = await harness({ routes: [{ sources: ['in'], processors: marking('+') }] });
    first.exporter.answer = () => hold;
    await first.append('a', 'b');
    await first.advance(1000);
    const second = await first.kill({
      lost: false,
      routes: [
        { sources: ['in'], processors: marking('+') },
        { sources: ['in'], processors: marking('-') },
      ],
    });
    second.exporter.answer = () => delivered;
    t.after(second.stop);
    await second.advance(60_000);
    // Nobody knows, after a crash, what became of the first request.
    assert.deepEqual(second.counts(), { delivered: 2, ambiguous: 2 });
    assert.deepEqual(second.exporter.sent.at(-1), ['a+', 'a-', 'b+', 'b-']);
  });
});

describe('ways', () => {
  const entry = (source: string) => ({ source }) as Parameters<Routes['run']>[0];

  it('of other receivers are not taken; a receiver that has left takes the last one', () => {
    const way = (name: string, source: string) => ({
      sources: [source],
      processors: processor((_record, forward) => {
        taken.push(name);
        forward(_record);
      }),
    });
    const taken: string[] = [];
    const routes = new Routes([way('one', 'a'), way('two', 'b')], () => assert.fail('a stray record'));
    for (const source of ['a', 'b', 'gone']) routes.run(entry(source), () => [{} as never]);
    assert.deepEqual(taken, ['one', 'two', 'two']);
  });

  it('all end when they are shut down', async () => {
    let ended = 0;
    const way = {
      sources: ['a'],
      processors: () => ({ onEmit() {}, forceFlush: async () => {}, shutdown: async () => void ended++ }),
    };
    await new Routes([way, way], () => {}).shutdown();
    assert.equal(ended, 2);
  });
});
