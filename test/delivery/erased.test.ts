import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, reject } from './backend.ts';
import { harness, quiet } from './harness.ts';

test('a letter that is erased while it is sent again does not come back', async () => {
  const scene = await harness();
  scene.exporter.answer = (texts) => (texts.includes('ada') ? reject : delivered);
  await scene.append('ada', 'a', 'b');
  await scene.append('c');
  for (let i = 0; i < 10; i++) await scene.advance(15_000);
  assert.equal(scene.letters.length, 1);
  let answer: () => void = () => {};
  scene.exporter.answer = () =>
    new Promise((resolve) => {
      answer = () => resolve(reject);
    });
  await scene.recall();
  await quiet(scene.exporter);
  await scene.journal.erase(({ body }) => Buffer.from(body).toString() === 'ada');
  assert.equal(scene.letters.length, 0);
  answer();
  await quiet(scene.exporter);
  assert.equal(scene.letters.length, 0, 'the bytes that were erased are on disk again');
});
