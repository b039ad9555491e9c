import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Journal, ReadLimits } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory/engine.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';
import { appendFrom, harness, numbered, until } from './harness.ts';

test('two recounts at the same time leave the true number of pending records', async () => {
  const clock = new FakeClock();
  const real = await openMemoryJournal({ dedup: { windowMs: 1000, maxIds: 10 }, clock });
  const lost = new Set([3, 13]);
  let started = false;
  const gates: (() => void)[] = [];
  const journal = new Proxy(real, {
    get(target, key) {
      if (key === 'read')
        return async (from: number, limits: ReadLimits) => {
          const found = await target.read(from, limits);
          return {
            ...found,
            entries: found.entries.filter(({ position }) => !lost.has(position)),
            lost: [...lost].filter((p) => p >= from && p < found.next).map((p): [number, number] => [p, p]),
          };
        };
      if (key === 'tally')
        return async (range: { from: number; to: number }, sources: string[]) => {
          // Before they were read nobody knows that they are damaged: whole segments are counted by what is known of them.
          const found = await target.tally(range, sources);
          if (!started) return found;
          await new Promise<void>((resolve) => gates.push(resolve));
          return found - [...lost].filter((p) => p >= range.from && p < range.to).length;
        };
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  }) as Journal;
  await journal.openCursor('keeper', { start: 'beginning' });
  const scene = await harness({ clock, journal, start: 1 });
  const answers: (() => void)[] = [];
  scene.exporter.answer = () => new Promise((resolve) => answers.push(() => resolve({ kind: 'delivered' })));
  const results = await appendFrom(journal, 'in', numbered(20));
  for (const { position } of results) scene.delivery.arrived(position, 1, clock.now());
  await until(() => answers.length === 2);
  started = true;
  answers[0]?.();
  await settle();
  answers[1]?.();
  await settle();
  for (let i = 0; i < 10; i++) {
    for (const gate of gates.splice(0)) gate();
    await settle();
  }
  assert.equal(scene.status.pending, 0);
  scene.exporter.answer = () => new Promise(() => {});
  const more = await appendFrom(journal, 'in', ['x', 'y']);
  for (const { position } of more) scene.delivery.arrived(position, 1, clock.now());
  await settle();
  assert.equal(scene.status.delivered, 18);
  assert.equal(scene.status.lost, 2);
  assert.equal(scene.status.pending, 2, 'x and y are pending');
});
