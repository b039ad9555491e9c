import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, reject } from './backend.ts';
import { harness, quiet } from './harness.ts';

test('a letter of an entry that is pending again does not outlive its delivery when the store was in trouble at the start', async () => {
  let scene = await harness();
  scene.exporter.answer = (texts) => (texts.includes('poison') ? reject : delivered);
  const before = scene.life.cursor.state;
  await scene.append('poison', 'a', 'b');
  await scene.append('c');
  for (let i = 0; i < 10; i++) await scene.clock.advance(15_000);
  await quiet(scene.exporter);
  assert.equal(scene.letters.length, 1);
  // Loss of power: the state is as it was; the letter is there. The store can't change at the start.
  scene.life.survivors.letterTrouble = new Error('EIO');
  scene.life.kill(true);
  (scene.life.survivors as { state: unknown }).state = before;
  scene.exporter.answer = () => delivered;
  scene = await scene.kill();
  scene.life.survivors.letterTrouble = undefined;
  for (let i = 0; i < 10; i++) await scene.clock.advance(15_000);
  await quiet(scene.exporter);
  assert.equal(scene.status.delivered, 4);
  // A person sends what `dead-letters list` shows.
  await scene.recall();
  await quiet(scene.exporter);
  assert.equal(scene.status.accepted, 4, 'as many as were appended');
});
