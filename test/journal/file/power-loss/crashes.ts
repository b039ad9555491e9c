/** Crashes of every kind at every moment of a life, and what each leaves. */
import { seeded } from '../../../crash/arguments.ts';
import type { Event } from './history.ts';
import { Life, type Moment } from './life.ts';
import { afterPowerLoss } from './memory-disk.ts';
import { aftermath, probe } from './scripts.ts';
import { run, type Step } from './step.ts';
import type { Luck } from './stored-file.ts';

type Crash = 'kill' | 'power';

/** What is done to each moment. */
export interface Plan {
  /** Of so many operations one is the moment of a crash. */
  readonly everyNth: number;
  /** Losses of power that are tried at each such moment. */
  readonly losses: number;
  /** After so many crashes one is followed by a second life, which crashes in turn; 0: none. */
  readonly secondLife: number;
  readonly seed: number;
  /** The moments that count; default: all. */
  readonly counts?: (moment: Moment) => boolean;
  /** What the second life does; default: a little of everything. */
  readonly aftermath?: readonly Step[];
  /** The volume has no more room than for the claim of an owner when the second life begins. */
  readonly isFull?: boolean;
}

export const BEGINNING = Date.UTC(2026, 0, 1);

/** Lives the script through, and crashes. Resolves with the number of crashes. @throws for the first broken promise. */
export async function crashEverywhere(script: readonly Step[], plan: Plan): Promise<number> {
  const random = seeded(plan.seed);
  const moments = await live(new Life({ image: undefined, events: [], now: BEGINNING, seed: plan.seed }), script, true);
  let crashes = 0;
  for (const moment of moments) {
    if (plan.counts?.(moment) === false) continue;
    if (random() * plan.everyNth >= 1) continue;
    for (let loss = 0; loss <= plan.losses; loss++) {
      const seed = Math.floor(random() * 2 ** 31);
      const crash = loss === 0 ? 'kill' : 'power';
      const goesOn = plan.secondLife > 0 && random() * plan.secondLife < 1;
      await explained(moment, crash, seed, async () => {
        const next = after(moment, crash, seed);
        if (goesOn && plan.isFull) next.fill(2_000);
        const later = await live(next, goesOn ? (plan.aftermath ?? aftermath) : probe, goesOn);
        crashes++;
        for (const second of goesOn ? later : []) {
          if (random() * later.length > 4) continue;
          const again = Math.floor(random() * 2 ** 31);
          const how = random() < 0.7 ? 'power' : 'kill';
          await explained(second, how, again, () => live(after(second, how, again), probe, false).then(() => {}));
          crashes++;
        }
      });
    }
  }
  return crashes;
}

/** Resolves with the moments of a life, from the first operation of its opening to the last of its closing. */
export async function live(life: Life, script: readonly Step[], isWatched: boolean): Promise<Moment[]> {
  const moments: Moment[] = [];
  if (isWatched) life.watch((moment) => moments.push(moment));
  await life.open();
  await run(life, script);
  await life.close();
  return moments;
}

/** The life after a crash; `luck`, default of the seed: what a loss of power leaves. */
export function after({ image, events, now }: Moment, crash: Crash, seed: number, luck = luckOf(seed)): Life {
  const beginning = { now: now + 1_000, seed };
  if (crash === 'kill') return new Life({ ...beginning, image, events });
  const left = afterPowerLoss(image, luck);
  return new Life({ ...beginning, image: left, events: [...events, { kind: 'power lost' }] });
}

/** Of some kind: all is lost, nothing is, little or most is, what comes first or last in a file, or every piece by itself. */
function luckOf(seed: number): Luck {
  const random = seeded(seed);
  const uniform = (newest: number) => Math.floor(random() * (newest + 1));
  const limit = random();
  switch (uniform(7)) {
    case 0:
      return { pick: () => 0 };
    case 1:
      return { pick: (newest) => newest };
    case 2:
      return { pick: (newest) => (random() < 0.2 ? uniform(newest) : 0) };
    case 3:
      return { pick: (newest) => (random() < 0.2 ? uniform(newest) : newest) };
    case 4:
      return { pick: (newest, progress = 0) => (progress <= limit ? newest : 0) };
    case 5:
      return { pick: (newest, progress = 1) => (progress >= limit ? newest : 0) };
    default:
      return { pick: uniform };
  }
}

async function explained(moment: Moment, crash: Crash, seed: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const what = crash === 'kill' ? 'the process died' : `the power was lost (luck ${seed})`;
    const last = moment.events.slice(-8).map(inBrief);
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${reason}\n  when ${what} at ${moment.operation}, after\n    ${last.join('\n    ')}`;
    throw new Error(message, { cause: error });
  }
}

function inBrief(event: Event): string {
  const text = JSON.stringify(event, (_, value) => (value?.type === 'Buffer' ? `${value.data.length} bytes` : value));
  return text.length > 500 ? `${text.slice(0, 500)} ...` : text;
}
