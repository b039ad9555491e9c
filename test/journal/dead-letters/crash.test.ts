/** A crash in the middle of anything: what was promised is there, what was under way is there whole or not at all. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { DeadLetters } from '../../../src/journal/dead-letters.ts';
import { type FileDeadLetters, openDeadLetters } from '../../../src/journal/file/dead-letters/index.ts';
import type { FileSystem } from '../../../src/journal/file/fs.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import { seeded } from '../../crash/arguments.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { afterPowerLoss, type DiskImage, MemoryDisk } from '../file/power-loss/memory-disk.ts';
import { NO_LIMITS } from './harness.ts';
import { DELIVERY, everything, keyOf, letter, sized } from './letters.ts';
import { Model } from './model.ts';

const DIRECTORY = '/dead-letters';
const SEGMENT_BYTES = 12_000;

interface Step {
  readonly name: string;
  real(store: DeadLetters & Pick<FileDeadLetters, 'close'>): Promise<unknown>;
  model(model: Model): unknown;
}

const even = Array.from({ length: 10 }, (_, index) => sized(2 * index + 2, 900));
const odd = Array.from({ length: 10 }, (_, index) => sized(2 * index + 1, 900));
const ERASED = [3, 14, 52];

/** Everything that a store does, over several segments. */
const STEPS: readonly Step[] = [
  put('the first letters', odd),
  put('letters that fill segments', even),
  put('a replacement and new ones', [letter(1, { attempts: 5 }), letter(3, { attempts: 6 }), letter(51), letter(52)]),
  {
    name: 'mark',
    real: (store) => store.retry([keyOf(letter(1)), keyOf(letter(5))]),
    model: (model) => model.retry([keyOf(letter(1)), keyOf(letter(5))]),
  },
  {
    name: 'remove',
    real: (store) => store.remove([...odd.slice(3), ...even.slice(0, 6)].map(keyOf)),
    model: (model) => model.remove([...odd.slice(3), ...even.slice(0, 6)].map(keyOf)),
  },
  { name: 'make room', real: (store) => store.maintain(), model: () => {} },
  {
    name: 'rename',
    real: (store) => store.rename(DELIVERY, 'new'),
    model: (model) => model.rename(DELIVERY, 'new'),
  },
  put('letters under the old name', odd.slice(0, 4)),
  {
    name: 'erase',
    real: (store) => store.erase(({ position }) => ERASED.includes(position)),
    model: (model) => model.removeWhere(({ position }) => ERASED.includes(position)),
  },
  {
    name: 'remove nearly all',
    real: (store) =>
      store.remove(
        [...odd, ...even].flatMap(({ position }) => [DELIVERY, 'new'].map((delivery) => ({ delivery, position }))),
      ),
    model: (model) => model.removeWhere(({ position }) => position <= 20),
  },
  { name: 'make room again', real: (store) => store.maintain(), model: () => {} },
  put('more', even.slice(0, 3)),
  { name: 'close', real: (store) => store.close(), model: () => {} },
];

function put(name: string, letters: typeof odd): Step {
  return { name, real: (store) => store.put(letters), model: (model) => model.put(letters) };
}

function openOn(fs: FileSystem): Promise<FileDeadLetters> {
  return openDeadLetters({
    fs,
    directory: DIRECTORY,
    segmentBytes: SEGMENT_BYTES,
    limits: NO_LIMITS,
    clock: new FakeClock(),
    random: Math.random,
    log: silentLog,
    assertOwner: async () => {},
  });
}

/** Says what may be found now: as before the step that is under way, or as after it. */
async function run(store: FileDeadLetters, now: (step: Step, before: Model, after: Model) => void): Promise<void> {
  let model = new Model();
  for (const step of STEPS) {
    const after = model.copy();
    step.model(after);
    now(step, model, after);
    await step.real(store);
    model = after;
    now(step, model, model);
    assert.deepEqual(await everything(store), model.everything(), step.name);
  }
}

/** Opens what is left, finds one of the models, and can go on. Resolves with the one that it found. */
async function check(store: FileDeadLetters, models: readonly Model[], what: string): Promise<Model> {
  const found = await everything(store);
  const [is] = models.filter((model) => isDeepStrictEqual(found, model.everything()));
  if (!is) assert.deepEqual(found, models[0]?.everything(), what);
  return is as Model;
}

interface Moment {
  readonly image: DiskImage;
  readonly what: string;
  readonly step: Step;
  /** Before and after the change that is under way. */
  readonly models: readonly [Model, Model];
}

/** Runs everything and takes an image of the disk after each of its steps. */
async function moments(random: () => number): Promise<Moment[]> {
  const disk = new MemoryDisk(random);
  await disk.makeDirectory(DIRECTORY);
  const taken: Moment[] = [];
  let models: Moment['models'] = [new Model(), new Model()];
  let step = STEPS[0] as Step;
  const take = (what: string) => taken.push({ image: disk.image(), what: `${step.name}, ${what}`, step, models });
  const store = await openOn(disk);
  disk.observe = (operation, path) => take(`after ${operation} ${path}`);
  await run(store, (current, before, after) => {
    step = current;
    models = [before, after];
    if (before === after) take('done');
  });
  assert.ok(taken.length > 60, `${taken.length} moments`);
  return taken;
}

async function holds(disk: MemoryDisk, bytes: Buffer): Promise<boolean> {
  for (const name of await disk.list(DIRECTORY)) {
    const file = await disk.open(`${DIRECTORY}/${name}`, 'read');
    const content = Buffer.alloc(await file.size());
    await file.read(content, 0);
    await file.close();
    if (content.includes(bytes)) return true;
  }
  return false;
}

describe('dead letters on disk', () => {
  test('survive the death of the process at every step of everything', async () => {
    const random = seeded(1);
    for (const { image, what, step, models } of await moments(random)) {
      const disk = new MemoryDisk(random, image);
      const opened = await openOn(disk);
      const model = await check(opened, models, what);
      assert.deepEqual(opened.notes, [], what);
      if (step.name === 'erase' && model === models[1]) {
        for (const position of ERASED) assert.ok(!(await holds(disk, Buffer.alloc(50, 1 + position))), what);
      }
      await opened.put([letter(99)]);
      const expected = model.copy();
      expected.put([letter(99)]);
      await check(await openOn(new MemoryDisk(random, disk.image())), [expected], `${what}, and again`);
    }
  });

  for (const seed of [1, 2]) {
    test(`survive a loss of power at every step of everything (${seed})`, async () => {
      const random = seeded(seed);
      for (const { image, what, models } of await moments(random)) {
        const pick = (newest: number) => Math.floor(random() * (newest + 1));
        const disk = new MemoryDisk(random, afterPowerLoss(image, { pick }));
        const model = await check(await openOn(disk), models, what);
        // What was found once is there for good, even if that process loses its power at once.
        const later = new MemoryDisk(random, afterPowerLoss(disk.image(), { pick: () => 0 }));
        await check(await openOn(later), [model], `${what}, and again`);
      }
    });
  }
});
