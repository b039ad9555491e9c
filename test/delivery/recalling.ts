import assert from 'node:assert/strict';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { delivered, reject } from './backend.ts';
import { type Harness, type HarnessOptions, harness } from './harness.ts';

export const isPoison = (name: string) => name.startsWith('poison');
export const refusing =
  (outcome: Outcome = reject) =>
  (texts: string[]) =>
    texts.some(isPoison) ? outcome : delivered;

/** A delivery with so many dead letters, each refused, and a good record after each. */
export async function withLetters(count: number, options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const scene = await harness({ policy: { maxRecords: 1, maxInFlight: 1 }, ...options });
  scene.exporter.answer = refusing();
  for (let index = 0; index < count; index++) {
    await scene.append(`poison-${index}`, `good-${index}`);
    await scene.advance(200);
  }
  assert.deepEqual(scene.counts(), { delivered: count, dead_lettered: count });
  scene.exporter.sent.length = 0;
  return scene;
}
