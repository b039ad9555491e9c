import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Case, judge, type Verdict } from '../../src/delivery/judge.ts';
import type { History } from '../../src/delivery/regions.ts';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { broken, delivered, forbidden, hold, reject, reset, retry, tooLarge } from './backend.ts';
import { retryPolicy } from './harness.ts';

const NOW = 10_000_000;
const html: Outcome = { kind: 'hold', reason: { summary: '200 OK, with a web page', status: 200 } };
const refused: Outcome = { kind: 'retry', reason: { summary: 'refused', code: 'ECONNREFUSED' }, ambiguous: false };

/** The request with ordinal 50 is judged; the newest accepted one is 40 unless said otherwise. */
function given(outcome: Outcome, changes: Partial<Case> & { history?: Partial<History>; lone?: boolean } = {}): Case {
  const { history, lone, ...rest } = changes;
  const before = history && { since: NOW - 1000, failed: 30, besides: 0, ...history };
  return {
    ...{ outcome, entries: 10, ordinal: 50, accepted: 40, refusals: 0, failures: 1, refusing: false, isSteady: true },
    region: { attempts: before ? 1 : 0, ...(before && { history: before }), ...(lone && { lone }) },
    ...{ policy: retryPolicy, now: NOW, random: () => 0.5 },
    ...rest,
  };
}

/** In short: what follows, for whom, and after which wait. */
function brief(verdict: Verdict): string {
  if (verdict.kind === 'bury') return `bury ${verdict.cause.kind}`;
  if (verdict.kind === 'delivered') return `delivered, ${verdict.rejected} rejected`;
  const ambiguous = verdict.ambiguous ? ', ambiguous' : '';
  if (verdict.kind === 'halve') return `halve${ambiguous}`;
  const who = verdict.refusing ? 'refusing' : (verdict.mode ?? 'alone');
  return `${who} ${verdict.pauseMs}${verdict.newSoon ? ', something new soon' : ''}${ambiguous}`;
}

const lone = { entries: 1 };
/** Something that was begun later than its last failure, and than its first refusal, was accepted. */
const evidence = { history: { failed: 30, refused: 30 } };
/** Nothing was. */
const none = { history: { failed: 45, refused: 45 } };
const disabled = { policy: { ...retryPolicy, enabled: false } };
const elapsed = { policy: { ...retryPolicy, maxElapsedMs: 300_000 } };
const long = { since: NOW - 700_000 };

const table: [what: string, outcome: Outcome, changes: Parameters<typeof given>[1], follows: string][] = [
  ['2xx', delivered, {}, 'delivered, 0 rejected'],
  ['2xx, partial', { kind: 'delivered', rejected: 3, message: 'm' }, {}, 'delivered, 3 rejected'],

  ['503, first', retry(), {}, 'retrying 5000'],
  ['503, third round', retry(), { failures: 3 }, 'retrying 11250'],
  ['503 with Retry-After', retry({ afterMs: 60_000 }), {}, 'retrying 60000'],
  ['503 with Retry-After 0', retry({ afterMs: 0 }), {}, 'retrying 100'],
  ['500', broken, {}, 'retrying 5000, something new soon, ambiguous'],
  ['500, second round', broken, { failures: 2 }, 'retrying 7500, ambiguous'],
  ['503, retry off', retry(), disabled, 'held 15000'],
  ['reset, retry off', reset, { ...disabled, ...lone, history: { besides: 20, ...long } }, 'held 15000, ambiguous'],
  ['503 for ever', retry(), { history: { since: 0, failed: 45 }, failures: 100 }, 'retrying 30000'],
  ['503, max_elapsed_time over', retry(), { ...elapsed, history: long }, 'bury gave_up'],
  [
    '503, max_elapsed_time about over',
    retry(),
    { ...elapsed, history: { since: NOW - 295_001, failed: 45 } },
    'bury gave_up',
  ],
  [
    '503, max_elapsed_time not over',
    retry(),
    { ...elapsed, history: { since: NOW - 295_000, failed: 45 } },
    'retrying 5000',
  ],
  [
    'max_elapsed_time, retry off',
    retry(),
    { policy: { ...elapsed.policy, enabled: false }, history: long },
    'held 15000',
  ],
  ['Retry-After beyond max_elapsed_time', retry({ afterMs: 3600_000 }), elapsed, 'bury gave_up'],

  ['500, once while others passed', broken, { history: {} }, 'alone 7500, ambiguous'],
  ['500, thrice', broken, { history: { besides: 2 } }, 'halve, ambiguous'],
  ['reset, thrice', reset, { history: { besides: 2 } }, 'halve, ambiguous'],
  ['429, thrice', retry({ status: 429 }), { history: { besides: 2 } }, 'alone 7500'],
  ['connection refused, thrice', refused, { history: { besides: 2 } }, 'alone 7500'],
  ['500, thrice, lone', broken, { ...lone, history: { besides: 2 } }, 'alone 7500, ambiguous'],
  ['500, ten times in 10 min, lone', broken, { ...lone, history: { besides: 9, ...long } }, 'bury gave_up'],
  [
    '500, ten times in 10 min, lone, while the backend is not steady',
    broken,
    { ...lone, isSteady: false, history: { besides: 9, ...long } },
    'alone 7500, ambiguous',
  ],
  ['500, nine times in 10 min, lone', broken, { ...lone, history: { besides: 8, ...long } }, 'alone 7500, ambiguous'],
  ['500, ten times at once, lone', broken, { ...lone, history: { besides: 9 } }, 'alone 7500, ambiguous'],
  [
    '429, ten times in 10 min, lone',
    retry({ status: 429 }),
    { ...lone, history: { besides: 9, ...long } },
    'alone 7500',
  ],
  [
    '500, none passed since',
    broken,
    { ...lone, history: { besides: 9, failed: 45, ...long } },
    'alone 7500, ambiguous',
  ],
  ['500, never beside others', broken, { history: { failed: 45 }, failures: 2 }, 'retrying 7500, ambiguous'],
  [
    '500, and nothing passed for long',
    broken,
    { history: { besides: 1, failed: 45 }, failures: 4 },
    'retrying 7500, something new soon, ambiguous',
  ],

  ['401', hold, {}, 'held 15000'],
  ['401 beside others', hold, evidence, 'held 15000'],
  ['401, lone, beside others, long', hold, { ...lone, history: { besides: 20, refused: 1, ...long } }, 'held 15000'],
  ['401, max_elapsed_time over', hold, { ...elapsed, history: long }, 'held 15000'],
  ['403, first', forbidden, {}, 'held 15000, something new soon'],
  ['403, second round', forbidden, { failures: 2 }, 'held 15000'],
  ['403 beside others', forbidden, { history: {} }, 'halve'],
  ['403 beside others, lone, first', forbidden, { ...lone, history: {} }, 'alone 15000'],
  ['403 beside others, lone, again', forbidden, { ...lone, ...evidence }, 'bury rejected'],
  ['403 of a half', forbidden, none, 'halve'],
  ['a web page, first', html, {}, 'held 15000, something new soon'],
  ['a web page beside others, lone, again', html, { ...lone, ...evidence }, 'alone 15000'],

  ['400', reject, {}, 'halve'],
  ['413', tooLarge, {}, 'halve'],
  ['400, lone, first', reject, lone, 'alone 15000'],
  ['400, lone, others accepted since', reject, { ...lone, ...evidence }, 'bury rejected'],
  ['413, lone, others accepted since', tooLarge, { ...lone, ...evidence }, 'bury too_large'],
  ['400, lone, none accepted since', reject, { ...lone, ...none }, 'alone 15000'],
  ['400, lone, after another', reject, { ...lone, ...evidence, refusals: 1 }, 'refusing 15000, something new soon'],
  ['400, lone, after two others', reject, { ...lone, ...evidence, refusals: 2 }, 'refusing 15000'],
  ['400, lone, it alone again', reject, { ...lone, ...none, lone: true, refusals: 1 }, 'alone 15000'],
  [
    '400, lone, it and another',
    reject,
    { ...lone, ...none, lone: true, refusals: 2 },
    'refusing 15000, something new soon',
  ],
  ['400, while everything is refused', reject, { refusing: true }, 'refusing 15000'],
  ['400, lone, while everything is refused', reject, { ...lone, ...evidence, refusing: true }, 'refusing 15000'],
  ['400, retry off', reject, { ...disabled, ...lone, ...evidence }, 'bury rejected'],
  [
    '400, max_elapsed_time over',
    reject,
    { ...elapsed, ...lone, history: { failed: 45, refused: 45, ...long } },
    'alone 15000',
  ],
];

describe('what follows from', () => {
  for (const [what, outcome, changes, follows] of table)
    it(`${what}: ${follows}`, () => assert.equal(brief(judge(given(outcome, changes))), follows));
});

describe('what is remembered', () => {
  const history = (outcome: Outcome, changes: Parameters<typeof given>[1]) => {
    const verdict = judge(given(outcome, changes));
    assert.ok(verdict.kind === 'again' || verdict.kind === 'halve');
    return verdict.history;
  };
  it('of failures: since when, which was the last, and how many had others accepted before them', () => {
    assert.deepEqual(history(broken, {}), { since: NOW, failed: 50, besides: 0 });
    assert.deepEqual(history(broken, { history: { besides: 4 }, ...lone }), {
      since: NOW - 1000,
      failed: 50,
      besides: 5,
    });
    assert.deepEqual(history(broken, { history: { besides: 4, failed: 45 }, ...lone }), {
      ...{ since: NOW - 1000, failed: 50, besides: 4 },
    });
  });
  it('of refusals: which was the first', () => {
    assert.equal(history(reject, {}).refused, 50);
    assert.equal(history(reject, none).refused, 45);
  });
  it('of a hold: nothing that counts against the records, for a person had to act', () => {
    assert.equal(history(hold, { history: long }).since, NOW);
  });
});

it('without evidence nothing is given up for its own sake, and a hold for the account never is', () => {
  const outcome = fc.constantFrom<Outcome>(retry(), broken, reset, hold, forbidden, html, reject, tooLarge);
  const ordinal = fc.integer({ min: 0, max: 49 });
  const any = fc.record({
    outcome,
    entries: fc.integer({ min: 1, max: 3 }),
    accepted: ordinal,
    refusals: fc.nat(3),
    failures: fc.integer({ min: 1, max: 30 }),
    refusing: fc.boolean(),
    lone: fc.boolean(),
    history: fc.record({
      since: fc.integer({ min: 0, max: NOW }),
      failed: ordinal,
      refused: fc.option(ordinal, { nil: undefined }),
      besides: fc.nat(12),
    }),
  });
  fc.assert(
    fc.property(any, (picked) => {
      const verdict = judge(given(picked.outcome, picked));
      if (verdict.kind !== 'bury') return;
      assert.notEqual(picked.outcome, hold);
      const { failed, refused = 50, besides } = picked.history;
      if (verdict.cause.kind === 'gave_up') assert.ok(besides + (picked.accepted > failed ? 1 : 0) >= 10);
      else assert.ok(picked.accepted > refused, 'nothing was accepted since it was refused');
      assert.equal(picked.entries, 1);
    }),
    { numRuns: 2000 },
  );
});
