/** What left a pipeline, against what a test expects. */
import type { RehearsalOptions, RehearsalResult, Rehearsed } from '../agent/rehearsal.ts';
import { isMap, type Value, type ValueMap } from '../record/value.ts';
import type { BoundTest } from './bind.ts';
import { align, type Difference, differences } from './compare.ts';
import { textsIn } from './inputs.ts';
import { passages, whereItFailed } from './passages.ts';
import type { ConfigTest } from './read.ts';

/** One thing that is not as expected. */
export interface Failure {
  /** In a sentence, without a full stop. */
  readonly message: string;
  /** Line of the test file that expects it. */
  readonly line: number;
  /** Of which of the expected records; absent where it is not about one. */
  readonly record?: number;
  readonly differences: readonly Difference[];
  /** A text that stands where it should not: the differences say where, and expect nothing in particular. */
  readonly leak?: string;
  /** What may explain it. */
  readonly notes: readonly string[];
}

/** @param options for asking once more who is to blame */
export async function judge(
  bound: BoundTest,
  { failed }: RehearsalResult,
  sent: readonly ValueMap[],
  options: RehearsalOptions,
): Promise<Failure[]> {
  const { test, inputs } = bound;
  const { expectation } = test;
  const plain = (message: string, notes: readonly string[] = []): Failure => ({
    ...{ message, notes, line: test.lineOf(0, []), differences: [] },
  });
  if (expectation.kind === 'failed') {
    if (failed.length < inputs.length) {
      const what =
        failed.length === 0 ? 'no processor failed' : `only ${failed.length} of ${inputs.length} inputs failed`;
      return [plain(`expected that a processor fails; ${what}`, leftInWords(sent))];
    }
    const other = failed.find(({ error }) => expectation.error && !expectation.error.test(error.message));
    return other
      ? [plain(`expected an error that matches ${expectation.error?.pattern}; got: ${other.error.message}`)]
      : [];
  }
  const broken: Failure[] = [];
  for (const { index, error } of failed) {
    const processor = whereItFailed(await passages(bound, options, [inputs[index] as Rehearsed]));
    const which = inputs.length > 1 ? ` on input ${index + 1}` : '';
    const message = `${processor ?? 'a processor'} failed${which}, and it would be a dead letter: ${error.message}`;
    broken.push(plain(message, ['if that is meant: expect: failed']));
  }
  if (broken.length > 0) return broken;
  if (expectation.kind === 'dropped') {
    return sent.length === 0
      ? []
      : [plain(`expected that everything is dropped; ${counted(sent.length)} left`, leftInWords(sent))];
  }
  if (expectation.kind === 'none') {
    if (test.containsNowhere.length > 0) return [];
    return [plain('it expects nothing', ['--update writes what comes out now; read it before it is kept'])];
  }
  return compared(bound, sent, options);
}

async function compared(bound: BoundTest, sent: readonly ValueMap[], options: RehearsalOptions): Promise<Failure[]> {
  const { test } = bound;
  if (test.expectation.kind !== 'records') return [];
  const { records: patterns } = test.expectation;
  const failures: Failure[] = [];
  if (patterns.length !== sent.length) {
    const message = `expected ${counted(patterns.length)}; ${sent.length === 0 ? 'none' : sent.length} left`;
    const notes = sent.length < patterns.length ? await droppedBy(bound, options) : leftInWords(sent);
    failures.push({ message, line: test.lineOf(0, []), differences: [], notes });
  }
  const chosen = align(patterns, sent);
  for (const [index, pattern] of patterns.entries()) {
    const at = chosen[index];
    const record = at === undefined ? undefined : sent[at];
    const line = test.lineOf(index, []);
    if (!record) {
      if (sent.length > 0)
        failures.push({
          message: `record ${index + 1} did not leave`,
          line,
          record: index,
          differences: [],
          notes: [],
        });
      continue;
    }
    const found = differences(pattern, record);
    if (found.length > 0)
      failures.push({
        message: `record ${index + 1}, ${titleOf(record)}`,
        line,
        record: index,
        differences: found,
        notes: [],
      });
  }
  return failures;
}

export async function droppedBy(bound: BoundTest, options: RehearsalOptions): Promise<string[]> {
  const passed = await passages(bound, options, bound.inputs);
  return passed.filter(({ before, after }) => after < before).map(({ text }) => text);
}

/** Where a text stands that should stand nowhere. */
export function leaks(text: string, sent: readonly ValueMap[], test: ConfigTest): Failure[] {
  const wanted = text.toLowerCase();
  return sent.flatMap((record, index) => {
    const found = [...textsIn(record)].filter(([, written]) => written.toLowerCase().includes(wanted));
    const seen = new Map(found.map(([path, written]) => [JSON.stringify(path), { path, got: { value: written } }]));
    if (seen.size === 0) return [];
    const message = `record ${index + 1}, ${titleOf(record)}, holds ${JSON.stringify(text)}, which should stand nowhere`;
    return [{ message, leak: text, line: test.line, record: index, differences: [...seen.values()], notes: [] }];
  });
}

const titleOf = ({ event_name }: ValueMap) => (typeof event_name === 'string' ? event_name : 'without an event name');

const leftInWords = (sent: readonly ValueMap[]) =>
  sent.slice(0, 5).map((record) => `left: ${titleOf(record)}${idOf(record)}`);

function idOf({ attributes }: ValueMap): string {
  const id: Value = isMap(attributes) ? attributes['intercom.notification.id'] : undefined;
  return typeof id === 'string' ? ` (${id})` : '';
}

const counted = (count: number) => `${count} ${count === 1 ? 'record' : 'records'}`;
