/**
 * Damage of any kind at any place of any file: the journal opens, tells of it, and everything that is not hit can be read; or
 * it refuses in words and changes nothing.
 *
 *    npm test -- --only disk/damage [--runs N] [--seed S] [--path P]
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import fc from 'fast-check';
import { SEGMENT_HEAD_BYTES } from '../../src/journal/file/segment.ts';
import { type Entry, type Journal, JournalError, type Position } from '../../src/journal/journal.ts';
import { readAll } from '../journal/entries.ts';
import { copyOf, ENTRIES, framesOf, made, openJournal, type Written, write } from './written.ts';

const { values } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  strict: false,
});

/** Where, as a part of the file's length, so that shrinking keeps it inside. */
interface Damage {
  readonly file: number;
  readonly kind: 'bit' | 'sector of zeros' | 'sector of junk' | 'cut';
  readonly at: number;
}

/** Bytes of a file that are not as they were. */
interface Harm {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(),
  kind: fc.constantFrom('bit', 'bit', 'sector of zeros', 'sector of junk', 'cut'),
  at: fc.integer({ min: 0, max: 2 ** 20 - 1 }).map((share) => share / 2 ** 20),
});

/** Most of a file may be zeros: those are harmed, too, but not nearly as often. */
function inflict(directory: string, { files }: Written, { file, kind, at }: Damage): Harm {
  const name = files[file % files.length] as string;
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const offset = Math.floor(at * 1.1 * used) % bytes.length;
  if (kind === 'cut') {
    truncateSync(path, offset);
    return { file: name, from: offset, to: bytes.length };
  }
  const from = kind === 'bit' ? offset : offset - (offset % 512);
  const to = kind === 'bit' ? offset + 1 : Math.min(bytes.length, from + 512);
  if (kind === 'bit') bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8));
  else bytes.fill(kind === 'sector of zeros' ? 0 : 'junk ', from, to);
  writeFileSync(path, bytes);
  return { file: name, from, to };
}

/** But states: those are made anew for their new owner before the rest is looked at. */
function contents(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((found) => found.isFile());
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => !path.endsWith('.state'));
  return new Map(paths.sort().map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]));
}

function isAsWritten(found: Entry, written: Written): boolean {
  const expected = written.entries.get(found.position);
  if (!expected) return false;
  const { dedupKey: _, ...original } = expected;
  const { position: __, ...rest } = found;
  const plain = (one: { body: Uint8Array }) => ({ ...one, body: Buffer.from(one.body).toString('latin1') });
  return isDeepStrictEqual(plain(rest), plain(original));
}

/** The positions whose frames are hit. An append at the very end that is not whole counts as one that was never finished. */
async function hit(written: Written, { file, from, to }: Harm): Promise<Set<Position>> {
  if (!/^journal.*\.log$/.test(file)) return new Set();
  const frames = await framesOf(join(written.directory, file));
  const positions = frames
    .filter((frame) => frame.from < to && frame.to > from)
    .flatMap(({ position }) => position ?? []);
  const isLast = frames.some(({ position }) => position === ENTRIES);
  return new Set(isLast ? positions.flatMap((position) => written.together.get(position) ?? []) : positions);
}

async function check(journal: Journal, written: Written, harm: Harm): Promise<void> {
  const { notes } = journal.status();
  const allowed = await hit(written, harm);
  const { entries, lost } = await readAll(journal, 1, 50);
  for (const found of entries) assert.ok(isAsWritten(found, written), `position ${found.position} has changed`);
  const present = new Set(entries.map(({ position }) => position));
  for (const position of written.entries.keys()) {
    if (present.has(position)) continue;
    assert.ok(allowed.has(position), `${position} is gone, and was not hit`);
    const isTold =
      lost.some(([from, to]) => from <= position && position <= to) || notes.some((note) => / lost/.test(note));
    assert.ok(isTold, `nobody tells that ${position} is gone`);
  }

  for (const { name, state } of journal.cursors()) {
    const known = written.states.get(name);
    assert.ok(known, `nobody opened ${name}`);
    const isLast = isDeepStrictEqual(state, known.at(-1));
    const isOne = known.some((saved) => isDeepStrictEqual(state, saved));
    assert.ok(/\.state$/.test(harm.file) ? isOne : isLast, `${name} has the state ${JSON.stringify(state)}`);
  }
  assert.equal(journal.cursors().length, written.states.size, `${notes}`);
  await checkLetters(journal, written, harm);

  // Nothing is stored twice, but for what is gone, and no position is given to another entry.
  const again = Array.from({ length: ENTRIES }, (_, index) => made(index + 1));
  for (const [index, { kind, position }] of (await journal.append(again)).entries()) {
    if (kind === 'duplicate') assert.equal(position, index + 1);
    else assert.ok(allowed.has(index + 1) && position > ENTRIES, `entry ${index + 1} was stored again at ${position}`);
  }
}

async function checkLetters(journal: Journal, written: Written, harm: Harm): Promise<void> {
  const isHarmed = harm.file.startsWith('dead-letters');
  const frames = isHarmed ? await framesOf(join(written.directory, harm.file)) : [];
  const harmed = frames.filter(({ from, to }) => from < harm.to && to > harm.from).length;
  const listed = journal.deadLetters.list().map(({ position }) => position);
  let missing = 0;
  for (const letter of written.letters) {
    const found = await journal.deadLetters.get(letter);
    if (!found) missing++;
    else assert.deepEqual(Buffer.from(found.entry.body), Buffer.from(letter.entry.body));
  }
  const back = listed.includes(written.removed.position) ? 1 : 0;
  assert.ok(missing + back <= harmed, `${missing} dead letters are gone, ${back} are back, ${harmed} frames were hit`);
  assert.ok(listed.every((position) => [written.removed, ...written.letters].some((one) => one.position === position)));
  // One that is cut at its end looks like one that the process, or the power, left in the middle of a change.
  const isCut = harm.to >= statSync(join(written.directory, harm.file)).size;
  if (missing + back > 0 && !isCut) assert.ok(journal.status().notes.some((note) => note.includes('dead-letters')));
}

/** Where a refusal is right: what says whose a file is, and what it is, is gone. */
function mayRefuse({ file, from }: Harm): boolean {
  if (file.endsWith('.log')) return from < SEGMENT_HEAD_BYTES;
  return file.endsWith('.ids') && from < 32;
}

describe('a directory that is harmed while no agent runs', () => {
  test('opens with all that is not hit, and tells of the rest, or is refused in words and not changed', async (t) => {
    const written = await write(t);
    await fc.assert(
      fc.asyncProperty(damage, async (one) => {
        const directory = copyOf(t, written);
        const harm = inflict(directory, written, one);
        const as = contents(directory);
        try {
          const journal = await openJournal(directory).catch((error: unknown) => {
            assert.ok(error instanceof JournalError && error.code === 'failed', String(error));
            assert.ok(error.message.includes(basename(harm.file)), error.message);
            assert.match(error.message, /Nothing was changed/);
            assert.deepEqual(contents(directory), as);
            assert.ok(mayRefuse(harm), `${harm.file} is refused: ${error.message}`);
          });
          if (!journal) return;
          await check(journal, written, harm);
          await journal.close();
          // What was damaged is told again, or mended; what was stored since is there.
          const again = await openJournal(directory);
          const { next } = again.status();
          assert.ok(next > ENTRIES);
          await again.close();
        } catch (error) {
          throw new Error(`${JSON.stringify(harm)}: ${error instanceof Error ? error.message : error}`, {
            cause: error,
          });
        } finally {
          rmSync(directory, { recursive: true });
        }
      }),
      {
        numRuns: Number(values.runs ?? 60),
        ...(values.seed !== undefined && { seed: Number(values.seed) }),
        path: values.path?.toString(),
        includeErrorInReport: true,
      },
    );
  });

  test('opens after any of its files was taken away, and tells what is missing', async (t) => {
    const written = await write(t);
    for (const file of written.files) {
      const directory = copyOf(t, written);
      rmSync(join(directory, file));
      const journal = await openJournal(directory);
      await check(journal, written, { file, from: 0, to: Number.POSITIVE_INFINITY });
      await journal.close();
    }
  });
});

describe('a segment that is cut while the agent runs', () => {
  test('costs what was cut off, told as lost; what comes after is stored and read', async (t) => {
    const written = await write(t);
    const directory = copyOf(t, written);
    const journal = await openJournal(directory);
    t.after(() => journal.close().catch(() => {}));
    for (let number = ENTRIES + 1; number <= ENTRIES + 5; number++) await journal.append([made(number)]);
    const last = join(
      directory,
      'journal',
      readdirSync(join(directory, 'journal'))
        .sort()
        .findLast((name) => name.endsWith('.log')) ?? '',
    );
    const cut = (await framesOf(last)).find(({ position }) => position === ENTRIES + 3);
    truncateSync(last, (cut?.from ?? 0) + 10);
    const { entries, lost } = await readAll(journal, ENTRIES);
    assert.deepEqual(
      entries.map(({ position }) => position),
      [ENTRIES, ENTRIES + 1, ENTRIES + 2],
    );
    assert.deepEqual(lost, [[ENTRIES + 3, ENTRIES + 5]]);
    assert.deepEqual(await journal.append([made(99)]), [{ kind: 'stored', position: ENTRIES + 6 }]);
    await journal.close();

    const again = await openJournal(directory);
    t.after(() => again.close());
    const found = await readAll(again, ENTRIES);
    assert.deepEqual(
      found.entries.map(({ position }) => position),
      [ENTRIES, ENTRIES + 1, ENTRIES + 2, ENTRIES + 6],
    );
    assert.deepEqual(found.lost, [[ENTRIES + 3, ENTRIES + 5]]);
    assert.equal(again.status().next, ENTRIES + 7);
  });
});
