/** What each processor on the way made of records: asked when a test fails, to say who is to blame. */
import { Rehearsal, type RehearsalOptions, type Rehearsed } from '../agent/rehearsal.ts';
import type { PipelineConfig } from '../config/model.ts';
import { sequence } from './still.ts';

export interface Passage {
  readonly processor: string;
  /** Records that reached it, and that left it. */
  readonly before: number;
  readonly after: number;
  /** That in words. */
  readonly text: string;
}

/** In their order. A run for each processor: this is for failures only. */
export async function passages(
  { pipeline, config }: { pipeline: PipelineConfig; config: RehearsalOptions['config'] },
  options: RehearsalOptions,
  inputs: readonly Rehearsed[],
): Promise<Passage[]> {
  const found: Passage[] = [];
  for (const processor of new Set(pipeline.routes.flatMap(({ processors }) => processors))) {
    let before = 0;
    let after = 0;
    const probe = {
      processor,
      before(records: readonly unknown[]) {
        before += records.length;
      },
      after() {
        after++;
      },
    };
    const rehearsal = new Rehearsal(pipeline, { ...options, random: sequence(), probe });
    try {
      rehearsal.run(inputs);
    } catch {
      // Where it failed is what is asked for.
    } finally {
      await rehearsal.shutdown();
    }
    const joins = config.processors.get(processor)?.factory.collect !== undefined;
    const text = joins ? `${processor} joined ${before} to ${after}` : `${processor} let ${after} of ${before} through`;
    found.push({ processor, before, after, text });
  }
  return found;
}

/** The one that failed is the last one that anything reached. */
export function whereItFailed(passed: readonly Passage[]): string | undefined {
  return passed.findLast(({ before }) => before > 0)?.processor;
}
