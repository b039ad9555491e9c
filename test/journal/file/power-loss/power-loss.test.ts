/**
 * Nothing that the journal answered for is lost with the power or with the process, whenever that happens: the promises are
 * in check.ts, what a disk may forget is in memory-disk.ts.
 *
 *    npm test -- --only power-loss [--rounds N] [--seed S] [--path P]
 *
 * One round, the default, takes some seconds; so many take so many times as long. Seed and path are those that a failure
 * prints.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { after, BEGINNING, crashEverywhere, live } from './crashes.ts';
import type { Event } from './history.ts';
import { Life, type Moment } from './life.ts';
import {
  atWork,
  erasures,
  failures,
  faultyScript,
  grandTour,
  groups,
  partialGroups,
  prelude,
  probe,
  soundScript,
} from './scripts.ts';
import type { Step } from './step.ts';

/** Made-up scripts of each kind in a round. */
const SCRIPTS = 4;

const { values } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { rounds: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  strict: false,
});
const rounds = Number(values.rounds ?? 1);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 30));

/** Seeds for as many rounds; the one that fails is named. */
async function eachRound(t: TestContext, round: (seed: number) => Promise<unknown>): Promise<void> {
  for (let number = 0; number < rounds; number++) {
    await round(seed + number).catch((error: Error) => {
      t.diagnostic(`--seed ${seed + number}`);
      throw new Error(`--seed ${seed + number}: ${error.message}`, { cause: error });
    });
  }
}

function check(script: fc.Arbitrary<Step[]>): Promise<void> {
  const luck = fc.noShrink(fc.integer({ min: 1, max: 2 ** 30 }));
  const property = fc.asyncProperty(script, luck, async (steps, chance) => {
    await crashEverywhere(steps, { everyNth: 8, losses: 1, secondLife: 6, seed: chance });
  });
  const path = values.path?.toString();
  return fc.assert(property, { numRuns: SCRIPTS * rounds, seed, path, includeErrorInReport: true });
}

const isOfLog = ({ operation }: Moment) => /(write|sync) .*journal.*\.log$/.test(operation);
/** Before that not all that a start needs is there, and a full volume lets nothing be made. */
const isAtWork = ({ events }: Moment) => events.some(({ kind }) => kind === 'flushed');

const isAfterOpening = ({ events }: Moment) => events.at(-1)?.kind === 'letters found';

describe('a crash', () => {
  test('at any operation of everything that a journal does leaves what was promised', (t) =>
    eachRound(t, async (seed) => {
      const crashes = await crashEverywhere(grandTour, { everyNth: 6, losses: 2, secondLife: 12, seed });
      assert.ok(crashes > 100, `${crashes} crashes`);
    }));

  test('while a group is written leaves each append of it whole or not at all', (t) =>
    eachRound(t, (seed) => crashEverywhere(groups, { counts: isOfLog, everyNth: 1, losses: 20, secondLife: 0, seed })));

  test('after a group that the volume took in part leaves nothing of it', (t) =>
    eachRound(t, async (seed) => {
      for (const script of partialGroups)
        await crashEverywhere(script, { everyNth: 4, losses: 2, secondLife: 0, seed });
    }));

  test('while entries are erased leaves them for the next erasure, which is durable', (t) =>
    eachRound(t, async (seed) => {
      const aftermath: Step[] = [{ do: 'erase', every: 2 }];
      for (const script of erasures)
        await crashEverywhere(script, { counts: isOfLog, everyNth: 2, losses: 1, secondLife: 1, seed, aftermath });
    }));

  test('that tears what is erased leaves its id known, and a crash after that leaves the same', async () => {
    const first = new Life({ image: undefined, events: [], now: BEGINNING, seed: 1 });
    const script: Step[] = [...prelude, { do: 'erase', every: 3 }, { do: 'erase', every: 1 }];
    // Of what is overwritten the beginning comes to the disk and nothing else: a header without its payload.
    const luck = { pick: (newest: number, progress = 0) => (progress === 0 ? newest : 0) };
    const again: Step[] = [{ do: 'append', calls: [[{ key: '1', bytes: 10 }]], wait: true }];
    let isTorn = false;
    for (const moment of await live(first, script, true)) {
      if (!isOfLog(moment) || !moment.events.some(({ kind }) => kind === 'erased')) continue;
      const second = after(moment, 'power', 2, luck);
      const moments = await live(second, again, true);
      const { events, facts } = second;
      const last = events.findLast((event) => event.kind === 'appended')?.results;
      if (!facts.torn.has(1) || last?.[0]?.kind !== 'duplicate') continue;
      isTorn = true;
      for (const later of moments) {
        for (const how of ['kill', 'power'] as const) await live(after(later, how, 3), probe, false);
      }
      break;
    }
    assert.ok(isTorn, 'an entry was torn, and its id known');
  });

  test('after a sync that failed leaves nothing of what a later erasure overwrote', async () => {
    const fault = { do: 'fail', operation: 'sync', on: '.log' } as const;
    const first = new Life({ image: undefined, events: [], now: BEGINNING, seed: 1 });
    const script: Step[] = [...prelude, fault, { do: 'erase', every: 3 }, { do: 'erase', every: 3 }];
    let erased = 0;
    for (const moment of await live(first, script, true)) {
      if (!moment.events.some((event) => event.kind === 'erased' && event.numbers.includes(3))) continue;
      erased++;
      // What no sync brought to the disk is not there, or some of it.
      const nothing = { pick: () => 0 };
      const some = { pick: (newest: number, progress = 0) => (progress < 0.5 ? newest : 0) };
      for (const luck of [nothing, some]) await live(after(moment, 'power', 2, luck), probe, false);
    }
    assert.ok(erased > 0, 'it was erased in the end');
  });

  describe('after a death in the midst of a sync that failed leaves what the next life has shown', () => {
    /** Dies at each moment in the midst of the last change; where the next life finds that, the power is lost in its midst. */
    const survives = async (steps: readonly Step[], kind: Event['kind'], isShown: (event: Event) => boolean) => {
      // What comes between the sync and the cut is a matter of luck.
      const first = new Life({ image: undefined, events: [], now: BEGINNING, seed: 604021350 });
      let shown = 0;
      for (const moment of await live(first, [...prelude, ...steps], true)) {
        if (moment.events.at(-1)?.kind !== kind) continue;
        const second = after(moment, 'kill', 2);
        const moments = await live(second, [], true);
        if (!second.events.some(isShown)) continue;
        shown++;
        for (const later of moments.filter(isAfterOpening)) {
          await live(after(later, 'power', 3, { pick: () => 0 }), probe, false);
        }
      }
      assert.ok(shown > 0, 'what was not answered for was there');
    };
    const fault = { do: 'fail', operation: 'sync', on: '.log' } as const;

    test('of entries', async () => {
      const small: Step = { do: 'append', calls: [[{ key: undefined, bytes: 0 }]], wait: true };
      const large: Step = { do: 'append', calls: [[{ key: '5', bytes: 3_000 }]], wait: true };
      await survives([small, fault, large], 'append', (event) => event.kind === 'seen' && event.entries.length === 5);
    });

    test('of dead letters', async () => {
      const more: Step = { do: 'append', calls: [[{ key: undefined, bytes: 0 }]], wait: true };
      const bury = (count: number): Step => ({ do: 'bury', cursor: 'logs -> a', count, until: 'go on' });
      await survives(
        [more, bury(1), { ...fault, next: 'truncate' }, bury(3)],
        'letters',
        (event) => event.kind === 'letters found' && event.letters.length === 4,
      );
    });
  });

  test('that is followed by a start on a full volume leaves what was promised', (t) =>
    eachRound(t, (seed) =>
      crashEverywhere(atWork, { counts: isAtWork, everyNth: 3, losses: 1, secondLife: 1, seed, isFull: true }),
    ));

  test('after a failure of any kind leaves what was promised', (t) =>
    eachRound(t, async (seed) => {
      for (const script of failures) await crashEverywhere(script, { everyNth: 16, losses: 1, secondLife: 6, seed });
    }));

  test('in the middle of any script leaves what was promised', () => check(soundScript));

  test('on a disk that fails or is full leaves what was promised', () => check(faultyScript));
});
