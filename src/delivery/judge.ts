/**
 * What follows from the answer to one request: the rules of a delivery, without its machinery. docs/delivery.md tells them
 * to users.
 *
 * Evidence is a request that was begun later and was accepted: it shows that the backend works, so what fails beside it has
 * itself to blame. Without evidence nothing is ever given up for its own sake.
 */
import type { RetryPolicy } from '../component.ts';
import type { Outcome, Reason } from '../exporters/outcome.ts';
import type { Cause } from '../journal/dead-letters.ts';
import { describe } from './attempt.ts';
import { backoff } from './backoff.ts';
import type { History, Region } from './regions.ts';

export type Verdict =
  | { readonly kind: 'delivered'; readonly rejected: number; readonly message?: string }
  /** Its halves are tried, at once. */
  | {
      readonly kind: 'halve';
      readonly history: History;
      readonly why: string;
      readonly refused: boolean;
      readonly ambiguous: boolean;
    }
  /** It becomes a dead letter. */
  | { readonly kind: 'bury'; readonly cause: Cause; readonly ambiguous: boolean }
  /**
   * It is tried again after `pauseMs`. With a `mode` the whole delivery waits; else it alone does, while others go on.
   * `newSoon`: except for something that the backend has not seen yet, which will show whether it is the records.
   * `refusal`: it was not taken, rather than not reached. `refusing`: the backend refuses whatever it gets.
   */
  | {
      readonly kind: 'again';
      readonly history: History;
      readonly pauseMs: number;
      readonly why: string;
      readonly mode?: 'retrying' | 'held';
      readonly newSoon?: boolean;
      readonly refusal?: boolean;
      readonly refusing?: boolean;
      readonly ambiguous: boolean;
    };

export interface Case {
  readonly outcome: Outcome;
  readonly region: Pick<Region, 'attempts' | 'history' | 'lone'>;
  /** Entries in the request, and its ordinal. */
  readonly entries: number;
  readonly ordinal: number;
  /** Ordinal of the newest request that was accepted. */
  readonly accepted: number;
  /** Since something was accepted: lone entries that were refused, and rounds of requests that failed, this one included. */
  readonly refusals: number;
  readonly failures: number;
  readonly refusing: boolean;
  /** A replay: what is refused is only counted, so it needs no evidence. */
  readonly keepsNothing?: boolean;
  /** False while the backend fails so often, whatever it gets, that failing often is no record's fault. */
  readonly isSteady: boolean;
  readonly policy: RetryPolicy;
  /** Monotonic, milliseconds. */
  readonly now: number;
  readonly random: () => number;
}

/** A backend that says "again, at once" is not asked in a loop. */
const SHORTEST_PAUSE_MS = 100;
/** So many failures beside successes, and a batch is halved. */
const BESIDES_TO_HALVE = 3;
/** So many, over so long a time, and a lone record is given up. */
const BESIDES_TO_BURY = 10;
const LONGEST_BESIDE_MS = 600_000;

/** With so many rounds of failures and nothing accepted, a backend that fails on suspects is in trouble itself. */
const ROUNDS_TO_DOUBT = 3;

export function judge(given: Case): Verdict {
  const { outcome, region, ordinal, accepted, now } = given;
  if (outcome.kind === 'delivered') return { ...outcome, rejected: outcome.rejected ?? 0 };
  const before = region.history;
  const besides = before ? before.besides + (accepted > before.failed ? 1 : 0) : 0;
  const history: History = { ...before, since: before?.since ?? now, failed: ordinal, besides };
  if (outcome.kind === 'retry') return judgeFailure(given, outcome, history);
  const isUnderSuspicion = besides > 0 || before?.refused !== undefined;
  if (outcome.kind === 'hold' && !(isUnderSuspicion && mayBlameOne(outcome.reason))) {
    return judgeHold(given, outcome.reason, history);
  }
  return judgeRefusal(given, outcome.reason, { ...history, refused: before?.refused ?? ordinal });
}

/** True for a lone entry that is among the refusals since something was accepted. */
export function isCountedAsRefused({ lone, history }: Case['region'], accepted: number): boolean {
  return lone === true && history?.refused !== undefined && history.failed > accepted;
}

/** 401, 404, quota and the like: a person must act. The time that it takes is not the records' fault. */
function judgeHold({ policy, now, failures }: Case, reason: Reason, history: History): Verdict {
  const newSoon = failures <= 1 && mayBlameOne(reason);
  const later = { ...history, since: now };
  const pauseMs = policy.probeIntervalMs;
  return { kind: 'again', history: later, mode: 'held', newSoon, pauseMs, why: describe(reason), ambiguous: false };
}

/** 408, 429, 5xx, resets, timeouts: it passes, or it is the record. */
function judgeFailure(given: Case, outcome: Outcome & { kind: 'retry' }, history: History): Verdict {
  const { region, entries, policy, now, random, failures, isSteady } = given;
  const why = describe(outcome.reason);
  const { besides, since } = history;
  const { ambiguous } = outcome;
  if (!policy.enabled) {
    return { kind: 'again', history, mode: 'held', pauseMs: policy.probeIntervalMs, why, ambiguous };
  }
  const tries = besides > 0 ? region.attempts + 1 : failures;
  const pauseMs = Math.max(SHORTEST_PAUSE_MS, outcome.afterMs ?? backoff(policy, tries, random));
  if (policy.maxElapsedMs > 0 && now + pauseMs - since > policy.maxElapsedMs) {
    return { kind: 'bury', cause: causeOf('gave_up', `no more retries left: ${why}`, outcome.reason), ambiguous };
  }
  const suspicious = mayBlameIts(outcome);
  if (suspicious && besides >= BESIDES_TO_HALVE && entries > 1) {
    return { kind: 'halve', history: { ...history, besides: BESIDES_TO_HALVE - 1 }, why, refused: false, ambiguous };
  }
  if (suspicious && isSteady && besides >= BESIDES_TO_BURY && entries <= 1 && now - since >= LONGEST_BESIDE_MS) {
    const summary = `it failed ${region.attempts + 1} times while others passed: ${why}`;
    return { kind: 'bury', cause: causeOf('gave_up', summary, outcome.reason), ambiguous };
  }
  const again = { kind: 'again', history, pauseMs, why, ambiguous } as const;
  // What failed while others passed says little of the backend, until nothing else passes for long.
  if (besides > 0) return failures <= ROUNDS_TO_DOUBT ? again : { ...again, mode: 'retrying', newSoon: true };
  const isUnavailable = outcome.reason.status === 503 || outcome.afterMs !== undefined;
  return { ...again, mode: 'retrying', newSoon: suspicious && !isUnavailable && failures <= 1 };
}

/** 400, 413, 422 and the like: one record is to blame, or the backend refuses everything. */
function judgeRefusal(given: Case, reason: Reason, history: History): Verdict {
  const { outcome, region, entries, refusing, refusals, accepted, policy } = given;
  const why = describe(reason);
  const pauseMs = policy.probeIntervalMs;
  const again = { kind: 'again', history, refusal: true, why, ambiguous: false } as const;
  if (refusing) return { ...again, mode: 'held', refusing, pauseMs };
  if (entries > 1) return { kind: 'halve', history, why, refused: true, ambiguous: false };
  // Nothing was accepted between two lone refusals: before the second one is blamed, something else is tried.
  const others = refusals - (isCountedAsRefused(region, accepted) ? 1 : 0);
  if (others > 0) return { ...again, mode: 'held', refusing: true, newSoon: others === 1, pauseMs };
  // A 403 or a page may come over the whole backend in the middle of a bisection: there only what failed alone before counts,
  // and a page, which comes and goes with log-in walls and proxies, only when it stays for long.
  const wasAlone = outcome.kind !== 'hold' || (region.attempts > 0 && accepted > (region.history?.failed ?? accepted));
  const isLasting = history.besides >= BESIDES_TO_BURY && given.now - history.since >= LONGEST_BESIDE_MS;
  const isPage = outcome.kind === 'hold' && reason.status !== 403;
  const isProven = history.refused !== undefined && accepted > history.refused && wasAlone && (!isPage || isLasting);
  if (isProven || given.keepsNothing) {
    const cause = causeOf(outcome.kind === 'split' ? 'too_large' : 'rejected', why, reason);
    return { kind: 'bury', cause, ambiguous: false };
  }
  return { ...again, pauseMs };
}

/** Longest text of a backend that a dead letter keeps. */
const MAX_BODY = 64 * 1024;

export function causeOf(kind: Cause['kind'], summary: string, { status, body }: Reason): Cause {
  return { kind, summary, ...(status !== undefined && { status }), ...(body && { body: body.slice(0, MAX_BODY) }) };
}

/** A firewall forbids a body, or answers it with a page. Other holds speak of the account or the address. */
function mayBlameOne({ status }: Reason): boolean {
  return status === 403 || (status !== undefined && status >= 200 && status < 300);
}

/** A backend that breaks on a record says 5xx, or nothing any more. 429 and 408 speak of the moment. */
export function mayBlameIts({ reason, ambiguous }: Outcome & { kind: 'retry' }): boolean {
  return reason.status === undefined ? ambiguous : reason.status >= 500;
}
