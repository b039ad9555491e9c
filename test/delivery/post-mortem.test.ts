import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/exporters/outcome.ts';
import type { Entry } from '../../src/journal/journal.ts';
import { settle } from '../support/fake-clock.ts';
import { latch } from '../support/latch.ts';
import { delivered, hold } from './backend.ts';
import { decode, type Harness, harness, numbered } from './harness.ts';

/** Decodes, and remembers what it was shown; the process "dies" at one entry: it does nothing any more. */
class Killer {
  readonly seen: string[] = [];
  readonly at: string | undefined;
  dying: (() => void) | undefined;
  constructor(at?: string) {
    this.at = at;
  }
  decode = (entry: Entry) => {
    const name = Buffer.from(entry.body).toString();
    this.seen.push(name);
    if (name === this.at) this.dying?.();
    return decode(entry);
  };
}

/** A delivery whose process has died, with these entries pending. */
async function afterDeath(
  died: Parameters<Harness['kill']>[0] & object,
  names: string[],
  decoder = new Killer(),
): Promise<Harness> {
  const scene = await harness({ policy: { maxRecords: 2, maxInFlight: 4 } });
  scene.exporter.answer = () => hold;
  await scene.append(...names);
  scene.exporter.sent.length = 0;
  scene.exporter.answer = () => delivered;
  return scene.kill({ decode: decoder.decode, ...died });
}

describe('after the death of the process at an unknown place', () => {
  it('each entry is noted before it is touched, and forgotten when it is done, as far as it may have come', async (t) => {
    const scene = await afterDeath({ died: { position: null, deaths: 5 } }, ['a', 'b', 'c']);
    t.after(scene.stop);
    assert.deepEqual(scene.life.marks, [1, null, 2, null, 3, null]);
    assert.deepEqual(scene.status.delivered, 3);
    await scene.append(...numbered(10_100));
    for (let step = 0; step < 100 && scene.status.pending > 0; step++) await settle();
    const last = Math.max(...scene.life.marks.map((mark) => mark ?? 0));
    assert.ok(last > 9000 && last < 10_100, `watched up to ${last}`);
    assert.equal(scene.life.marks.at(-1), null);
  });

  it('nothing is noted while entries wait for their batch or their answer: then it was not them', async (t) => {
    const scene = await harness({ policy: { minRecords: 10, flushTimeoutMs: 5000 } });
    const after = await scene.kill({ died: { position: null, deaths: 1 } });
    t.after(after.stop);
    await after.append('a', 'b');
    assert.deepEqual(after.life.marks.slice(-2), [2, null]);
    assert.deepEqual(after.exporter.sent, []);
  });

  it('nothing is noted after an orderly end', async (t) => {
    const scene = await harness();
    t.after(scene.stop);
    await scene.append('a', 'b');
    assert.deepEqual(scene.life.marks, []);
  });
});

describe('an entry at which the process died', () => {
  it('once is processed like others, and noted', async (t) => {
    const scene = await afterDeath({ died: { position: 3, deaths: 1 } }, numbered(6));
    t.after(scene.stop);
    assert.deepEqual(scene.exporter.sent, [
      ['n0', 'n1'],
      ['n2', 'n3'],
      ['n4', 'n5'],
    ]);
    assert.ok(scene.life.marks.includes(3));
  });

  it('twice is tried alone: nothing else is in its batch, or in flight when it is touched', async (t) => {
    const decoder = new Killer('n2');
    const gates = new Map(numbered(6).map((name) => [name, latch<Outcome>()]));
    const first = await harness({ policy: { maxRecords: 2, maxInFlight: 4 } });
    first.exporter.answer = () => hold;
    await first.append(...numbered(6));
    first.exporter.sent.length = 0;
    first.exporter.answer = ([name]) => (gates.get(name as string) as { promise: Promise<Outcome> }).promise;
    let inFlight = -1;
    decoder.dying = () => {
      inFlight = first.exporter.inFlight;
    };
    const scene = await first.kill({ decode: decoder.decode, died: { position: 3, deaths: 2 } });
    t.after(scene.stop);
    assert.deepEqual(scene.exporter.sent, [['n0', 'n1']]);
    gates.get('n0')?.open(delivered);
    await settle();
    assert.equal(inFlight, 0);
    assert.deepEqual(scene.exporter.sent.slice(1, 2), [['n2']]);
    for (const gate of gates.values()) gate.open(delivered);
    await scene.advance(1000);
    assert.equal(scene.counts().delivered, 6);
    assert.equal(scene.counts().dead_lettered, undefined);
  });

  it('three times becomes a dead letter, and is not decoded again; the others go', async (t) => {
    const decoder = new Killer();
    const scene = await afterDeath({ died: { position: 3, deaths: 3 } }, numbered(6), decoder);
    t.after(scene.stop);
    await scene.advance(1000);
    assert.ok(!decoder.seen.includes('n2'));
    assert.deepEqual(decoder.seen.toSorted(), ['n0', 'n1', 'n3', 'n4', 'n5']);
    const { cause, sent } = await scene.letterOf('n2');
    assert.deepEqual(
      [cause, sent],
      [{ kind: 'crash', summary: 'the process died 3 times while it processed this entry' }, undefined],
    );
    assert.deepEqual([scene.counts().delivered, scene.counts().dead_lettered], [5, 1]);
  });

  it('that is settled already changes nothing', async (t) => {
    for (const deaths of [1, 2, 3]) {
      const scene = await harness();
      await scene.append('a', 'b');
      const after = await scene.kill({ lost: false, died: { position: 1, deaths } });
      t.after(after.stop);
      await after.append('c');
      assert.deepEqual(after.counts(), { delivered: 3 });
    }
  });

  it('kills the process four times at most until it is put away, whatever else is pending', async () => {
    const killer = new Killer('n7');
    let scene = await harness({ policy: { maxRecords: 4, maxInFlight: 3 }, decode: killer.decode });
    let deaths = 0;
    let dead = false;
    const start = async (died: Harness['options']['died']) => {
      killer.dying = () => {
        if (dead) return;
        dead = true;
        deaths++;
        scene.life.survivors.life?.kill(false);
        throw new Error('the process is gone');
      };
      return scene.kill({ died: died ?? null, lost: false });
    };
    scene = await start(null);
    await scene.append(...numbered(20));
    let died: { position: number | null; deaths: number } | null = null;
    for (let life = 0; life < 10 && dead; life++) {
      // As the file engine counts it.
      const { mark } = scene.life.survivors;
      const again: boolean = died !== null && died.position === mark;
      died = { position: mark, deaths: again && died ? died.deaths + 1 : 1 };
      dead = false;
      const { survivors } = scene.life;
      survivors.mark = null;
      scene = await start(died);
      await scene.clock.advance(1000);
    }
    assert.equal(deaths, 4);
    await scene.advance(60_000);
    assert.deepEqual([scene.counts().delivered, scene.counts().dead_lettered], [19, 1]);
    await scene.stop();
  });
});
