import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Outcome } from '../../src/exporters/outcome.ts';
import { settle } from '../support/fake-clock.ts';
import { broken, delivered, forbidden, hold, reject, reset, retry, text, tooLarge } from './backend.ts';
import { type Harness, processor } from './harness.ts';

/** What a record is like: the first letter of its name. */
const KINDS = {
  good: 20,
  /** The backend refuses it, each time: 400, 413, and 403 by a firewall. */
  poison: 2,
  large: 1,
  forbidden: 1,
  /** A processor throws, drops it, or makes two of it. */
  throws: 2,
  drops: 2,
  splits: 2,
} as const;
type Kind = keyof typeof KINDS;

export type Action =
  | { readonly do: 'append'; readonly kinds: readonly Kind[] }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'backend'; readonly is: 'well' | 'flapping' | 'down' | 'held' | 'refusing' | 'slow' }
  | { readonly do: 'kill'; readonly lost: boolean }
  | { readonly do: 'restart' }
  | { readonly do: 'give up'; readonly share: number; readonly expire: boolean }
  | { readonly do: 'recall'; readonly share: number }
  | { readonly do: 'letters'; readonly work: boolean };

const kind = fc.oneof(
  ...Object.entries(KINDS).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Kind) })),
);

export const actions = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        kinds: fc.array(kind, { minLength: 1, maxLength: 12 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(50, 1000, 16_000, 70_000) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('backend' as const),
        is: fc.constantFrom(
          'well' as const,
          'flapping' as const,
          'down' as const,
          'held' as const,
          'refusing' as const,
          'slow' as const,
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), lost: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant<Action>({ do: 'restart' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('give up' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        expire: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('recall' as const), share: fc.double({ min: 0.1, max: 1, noNaN: true }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('letters' as const), work: fc.boolean() }) },
  ),
  { minLength: 3, maxLength: 25 },
);

/** Numbers in [0, 1), each from the one before: the same seed gives the same run. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return ((state >>> 8) % 10_000) / 10_000;
  };
}

export const processors = processor((record, forward) => {
  const name = text(record);
  if (name.startsWith('throws')) throw new Error('no');
  if (name.startsWith('drops')) return;
  forward(record);
  if (name.startsWith('splits')) forward(record);
});

/** What the backend answers to these records once nothing is wrong with it but what is wrong with them. */
function ofRecords(texts: readonly string[]): Outcome {
  if (texts.some((name) => name.startsWith('poison'))) return reject;
  if (texts.some((name) => name.startsWith('large'))) return tooLarge;
  return texts.some((name) => name.startsWith('forbidden')) ? forbidden : delivered;
}

/** Plays the actions on a delivery, then mends everything, and checks that each record has had exactly one end. */
export async function conserves(first: Harness, plan: readonly Action[], seed: number): Promise<void> {
  let scene = first;
  const random = generator(seed);
  const names: string[] = [];
  const stored = new Map<string, number>();
  const store = (texts: readonly string[]) => {
    // Parts of a record have its name.
    for (const name of new Set(texts)) stored.set(name, (stored.get(name) ?? 0) + 1);
  };
  let backend: (Action & { do: 'backend' })['is'] = 'well';
  const failures: Outcome[] = [retry(), retry({ status: 429, afterMs: 2000 }), broken, reset];
  scene.exporter.answer = async (texts): Promise<Outcome> => {
    const draw = random();
    if (backend === 'slow') await new Promise((resolve) => scene.clock.schedule(draw * 5000, () => resolve(undefined)));
    if (backend === 'held') return hold;
    if (backend === 'refusing') return reject;
    if (backend === 'down' || (backend === 'flapping' && draw < 0.5)) {
      const outcome = failures[Math.floor(random() * failures.length)] as Outcome & { kind: 'retry' };
      if (outcome.ambiguous && random() < 0.5) store(texts);
      return outcome;
    }
    const outcome = ofRecords(texts);
    if (outcome !== delivered) return outcome;
    const rejected = draw < 0.55 && draw > 0.5 && !texts.some((name) => name.startsWith('splits')) ? 1 : 0;
    store(texts.slice(rejected));
    return { kind: 'delivered', rejected };
  };
  const perform = async (action: Action): Promise<void> => {
    switch (action.do) {
      case 'append': {
        const fresh = action.kinds.map((kind, index) => `${kind}-${names.length + index}`);
        names.push(...fresh);
        return scene.append(...fresh);
      }
      case 'advance':
        return scene.advance(action.ms);
      case 'backend':
        backend = action.is;
        return;
      case 'kill':
        scene = await scene.kill({ lost: action.lost });
        return scene.balanced();
      case 'restart':
        scene = await scene.again();
        return scene.balanced();
      case 'give up': {
        const end = 1 + Math.round(action.share * names.length);
        const cause = { kind: 'skipped', summary: 'by hand' } as const;
        return scene.delivery.giveUp(end, action.expire ? { kind: 'expire' } : { kind: 'letter', cause });
      }
      case 'recall': {
        const keys = scene.letters.filter(() => random() < action.share);
        await scene.journal.deadLetters.retry(keys);
        return scene.delivery.recalled();
      }
      case 'letters':
        scene.life.survivors.letterTrouble = action.work ? undefined : new Error('EIO');
    }
  };
  for (const action of plan) {
    await perform(action);
    await settle();
    scene.balanced();
  }
  // Everything is mended, and some traffic shows it.
  scene.life.survivors.letterTrouble = undefined;
  backend = 'well';
  await scene.advance(60_000);
  for (let round = 0; round < 80 && (round < 3 || scene.status.pending > 0); round++) {
    await perform({ do: 'append', kinds: ['good'] });
    await scene.advance(40_000);
  }
  const { ambiguous = 0, ...counts } = scene.counts();
  const { filtered = 0, dead_lettered = 0, expired = 0, rejected_by_backend = 0, pending = 0 } = counts;
  assert.equal(pending, 0);
  const letters = new Set<string>();
  for (const info of scene.letters) {
    assert.equal(info.retrying, false);
    const letter = await scene.journal.deadLetters.get(info);
    letters.add(Buffer.from(letter?.entry.body ?? []).toString());
  }
  assert.equal(letters.size, dead_lettered, 'dead letters in the store and in the ledger');
  const missing = names.filter((name) => !stored.has(name) && !letters.has(name) && !name.startsWith('drops'));
  assert.ok(missing.length <= expired + rejected_by_backend, `${missing.length} are nowhere: ${missing.join()}`);
  const dropped = names.filter((name) => name.startsWith('drops')).length;
  assert.ok(filtered <= dropped && filtered >= dropped - expired, `${filtered} of ${dropped} filtered`);
  assert.ok((counts.delivered ?? 0) <= stored.size, 'more was delivered than the backend has');
  const doubled = [...stored.values()].reduce((sum, times) => sum + times - 1, 0);
  assert.ok(doubled <= ambiguous, `${doubled} stored twice, ${ambiguous} counted`);
  await scene.stop();
}
