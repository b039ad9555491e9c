/** Runs one test: its inputs through its pipeline, with nothing that changes from run to run. */
import { Rehearsal, type RehearsalOptions, type RehearsalResult, type Rehearsed } from '../agent/rehearsal.ts';
import type { ValueMap } from '../record/value.ts';
import { type BoundTest, VERSION } from './bind.ts';
import { droppedBy, type Failure, judge, leaks } from './judge.ts';
import type { ConfigTest } from './read.ts';
import { recordForm } from './record-form.ts';
import { noting, sequence, standingStill } from './still.ts';

/** A processor that can't be made, whatever the test. */
export class NotMade extends Error {}

export interface Verdict {
  readonly test: ConfigTest;
  readonly pipeline: string;
  /** None: it passed. */
  readonly failures: readonly Failure[];
  /** What left, in the form that tests are written in. */
  readonly sent: readonly ValueMap[];
  /** A processor failed. */
  readonly broke: boolean;
}

export async function run(bound: BoundTest): Promise<Verdict> {
  const logged: string[] = [];
  const options: RehearsalOptions = {
    config: bound.config,
    version: VERSION,
    log: noting(logged),
    clock: standingStill(bound.now),
    random: sequence(),
  };
  const result = await rehearse(bound, options, bound.inputs);
  const sent = result.sent.map(({ record }) => recordForm(record));
  const { test } = bound;
  const silent = { ...options, log: noting([]) };
  const failures = [
    ...(await judge(bound, result, sent, silent)),
    ...test.containsNowhere.flatMap((text) => leaks(text, sent, test)),
  ];
  if (test.containsNowhere.length > 0 && sent.length === 0 && test.expectation.kind === 'none') {
    const message = 'nothing left the pipeline, so contains_nowhere shows nothing';
    failures.push({ message, line: test.line, differences: [], notes: await droppedBy(bound, silent) });
  }
  const [first] = failures;
  if (first && logged.length > 0) failures[0] = { ...first, notes: [...first.notes, ...new Set(logged.slice(0, 5))] };
  return { test, pipeline: bound.pipeline.id, failures, sent, broke: result.failed.length > 0 };
}

async function rehearse(
  { pipeline }: BoundTest,
  options: RehearsalOptions,
  inputs: readonly Rehearsed[],
): Promise<RehearsalResult> {
  const rehearsal = made(() => new Rehearsal(pipeline, options));
  try {
    return rehearsal.run(inputs);
  } catch (cause) {
    // What joins records fails for all of them.
    const error = cause instanceof Error ? cause : new Error(String(cause));
    return { sent: [], failed: inputs.map((_, index) => ({ index, error })) };
  } finally {
    await rehearsal.shutdown();
  }
}

function made<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    throw new NotMade(cause instanceof Error ? cause.message : String(cause));
  }
}
