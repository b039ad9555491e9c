import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Collector } from '../../src/component.ts';
import type { RouteOptions } from '../../src/delivery/routes.ts';
import { LogRecord } from '../../src/record/log-record.ts';
import { delivered, reject, text } from './backend.ts';
import { harness, processor } from './harness.ts';

const SECONDS = 1000;

/** Joins records with the same first letter, for ten seconds: `a1`, `a2` become `a*2`. */
const byLetter: Collector = {
  forMs: 10 * SECONDS,
  join(records) {
    const groups = new Map<string, number[]>();
    for (const [index, record] of records.entries()) {
      const letter = text(record).slice(0, 1);
      groups.set(letter, [...(groups.get(letter) ?? []), index]);
    }
    return [...groups].map(([letter, of]) => {
      const { hrTime, hrTimeObserved, resource, instrumentationScope } = records[of[0] as number] as LogRecord;
      const body = `${letter}*${of.length}`;
      return { record: new LogRecord({ hrTime, hrTimeObserved, resource, instrumentationScope, body }), of };
    });
  },
};

const plain: RouteOptions['processors'] = (next) => next;
const way = (then: RouteOptions['processors'] = plain): RouteOptions => ({
  sources: ['in'],
  processors: plain,
  stages: [{ collect: () => byLetter, processors: then }],
});

describe('a processor that collects', () => {
  it('joins what comes within its interval; each entry is settled when what it became is', async (t) => {
    const scene = await harness({ routes: [way()], policy: { maxRecords: 100 } });
    t.after(scene.stop);
    await scene.append('a1', 'b1');
    await scene.advance(4 * SECONDS);
    await scene.append('a2');
    assert.deepEqual(scene.exporter.sent, []);
    assert.deepEqual(scene.counts(), { pending: 3 });
    await scene.advance(6 * SECONDS);
    assert.deepEqual(scene.exporter.sent, [['a*2', 'b*1']]);
    assert.deepEqual(scene.counts(), { delivered: 3 });
    await scene.append('a3');
    await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.exporter.sent.at(-1), ['a*1']);
    assert.deepEqual(scene.counts(), { delivered: 4 });
  });

  it('loses nothing when the process dies while it collects', async (t) => {
    const scene = await harness({ routes: [way()], policy: { maxRecords: 100 } });
    t.after(scene.stop);
    await scene.append('a1', 'a2');
    await scene.advance(9 * SECONDS);
    const next = await scene.kill();
    t.after(next.stop);
    assert.deepEqual(next.counts(), { pending: 2 });
    await next.append('a3');
    await next.advance(10 * SECONDS);
    assert.deepEqual(next.exporter.sent, [['a*3']]);
    assert.deepEqual(next.counts(), { delivered: 3 });
  });

  it('sends at once what fills a batch, and when the agent stops', async (t) => {
    const scene = await harness({ routes: [way()], policy: { maxRecords: 3 } });
    t.after(scene.stop);
    await scene.append('a1', 'a2', 'a3', 'a4');
    assert.deepEqual(scene.exporter.sent, [['a*3']]);
    await scene.delivery.shutdown(new AbortController().signal);
    assert.deepEqual(scene.exporter.sent, [['a*3'], ['a*1']]);
    assert.deepEqual(scene.counts(), { delivered: 4 });
  });

  it('counts as filtered what a processor behind it drops', async (t) => {
    const dropping = processor((record, forward) => {
      if (!text(record).startsWith('a')) forward(record);
    });
    const scene = await harness({ routes: [way(dropping)], policy: { maxRecords: 100 } });
    t.after(scene.stop);
    await scene.append('a1', 'b1', 'a2');
    await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.exporter.sent, [['b*1']]);
    assert.deepEqual(scene.counts(), { delivered: 1, filtered: 2 });
    await scene.append('a3');
    await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.counts(), { delivered: 1, filtered: 3 });
  });

  it('buries the entry on which a processor behind it fails, alone', async (t) => {
    const failing = processor((record, forward) => {
      if (text(record).startsWith('x')) throw new Error('it can not be done');
      forward(record);
    });
    const scene = await harness({ routes: [way(failing)], policy: { maxRecords: 100 } });
    t.after(scene.stop);
    await scene.append('a1', 'x1', 'a2', 'b1');
    for (let round = 0; round < 6; round++) await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.counts(), { delivered: 3, dead_lettered: 1 });
    assert.equal((await scene.letterOf('x1')).cause.kind, 'processing');
    assert.deepEqual(scene.exporter.sent.flat().sort(), ['a*1', 'a*1', 'b*1']);
  });

  it('finds the entry that the backend refuses in halves, and sends a dead letter again as one that was alone', async (t) => {
    const scene = await harness({ routes: [way()], policy: { maxRecords: 100 } });
    t.after(scene.stop);
    scene.exporter.answer = (names) => (names.some((name) => name.startsWith('p')) ? reject : delivered);
    await scene.append('a1', 'p1', 'b1', 'b2');
    for (let round = 0; round < 12; round++) await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.counts(), { delivered: 3, dead_lettered: 1 });
    scene.exporter.answer = () => delivered;
    await scene.recall();
    await scene.advance(10 * SECONDS);
    assert.deepEqual(scene.exporter.sent.at(-1), ['p*1']);
    assert.deepEqual(scene.counts(), { delivered: 4 });
  });
});
