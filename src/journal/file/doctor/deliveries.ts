/** Whether the states of the deliveries are whole, and agree with the log. */
import { join } from 'node:path';
import { type CursorState, JournalError, type Position } from '../../journal.ts';
import { findDeliveryFiles } from '../delivery-files.ts';
import { isMissing, readWhole } from '../fs.ts';
import { decodeMark } from '../mark.ts';
import { beyond, decodeSlot, markFileName, type Saved, SLOT_BYTES, stateFileName } from '../state.ts';
import type { Examined } from './examined.ts';
import type { Finding } from './finding.ts';
import type { LogFacts } from './segment.ts';

/** Yields what it finds; returns the number of deliveries. */
export async function* checkDeliveries(options: Examined, log: LogFacts): AsyncGenerator<Finding, number> {
  const { fs, directory } = options;
  const found = await findDeliveryFiles(fs, join(directory, 'deliveries')).catch((error: unknown) => error as Error);
  if (found instanceof Error) {
    const message = isMissing(found) ? 'it is missing; the next start makes it' : found.message;
    const severity = isMissing(found) && log.births.size === 0 ? 'ok' : 'error';
    yield { severity: found instanceof JournalError ? 'error' : severity, file: 'deliveries', message };
    return 0;
  }
  const born = new Map([...log.births.keys()].map((name) => [stateFileName(name), name]));
  for (const [name, harm] of found.broken) {
    const file = `deliveries/${name}`;
    const delivery = born.get(name);
    const message =
      delivery === undefined
        ? `it is ${harm}; the log knows of no delivery that it belongs to`
        : `it is ${harm}: the delivery ${delivery} starts again where it was born, and repeats records`;
    yield { severity: 'error', file, message, advice: 'The next start puts it aside.' };
  }
  const known = new Set<string>(found.broken.keys());
  for (const { slot } of found.states) {
    known.add(stateFileName(slot.saved.name));
    yield* checkState(options, slot.saved, log);
  }
  for (const [file, name] of born) {
    if (known.has(file)) continue;
    const message = `it is missing: the delivery ${name} starts again where it was born, and repeats records`;
    yield { severity: 'error', file: `deliveries/${file}`, message };
  }
  for (const path of found.kept) {
    const message = 'a damaged state that was put aside';
    yield {
      severity: 'warning',
      file: relativeTo(directory, path),
      message,
      advice: 'Delete it when you have seen it.',
    };
  }
  for (const path of found.foreign) {
    yield {
      severity: 'warning',
      file: relativeTo(directory, path),
      message: 'it is not the state of a delivery; it is left alone',
    };
  }
  return found.states.length;
}

async function* checkState(options: Examined, { name, birth, state }: Saved, log: LogFacts): AsyncGenerator<Finding> {
  const { fs, directory, isRunning } = options;
  const file = `deliveries/${stateFileName(name)}`;
  const trouble = insane(birth, state);
  if (trouble) {
    yield { severity: 'error', file, message: `the state of ${name} makes no sense: ${trouble}` };
    return;
  }
  const isRetired = state.retiredAt !== undefined;
  const what = isRetired ? 'retired' : `at position ${state.cursor}`;
  yield { severity: 'ok', file, message: `${name}: ${what}, ${Object.keys(state.counts).length} counts` };
  const end = beyond(birth, state);
  if (end > log.next && !isRunning) {
    const message = `${name} knows of positions up to ${end - 1}, the log of those up to ${log.next - 1}: the rest is lost`;
    yield { severity: 'error', file, message };
  }
  if (!isRetired && state.cursor < log.first) {
    const message = `${name} stands at position ${state.cursor}, and the log begins at ${log.first}: what lies between is lost to it`;
    yield { severity: 'error', file, message };
  }
  if (!isRetired && !log.births.has(name)) {
    yield {
      severity: 'warning',
      file,
      message: `the log does not know of ${name}`,
      advice: 'The next start tells it.',
    };
  }
  const slots = await readWhole(fs, join(directory, file)).catch(() => undefined);
  if (slots && !isRunning && isHalfDamaged(slots, file)) {
    const message = `one of the two copies of the state of ${name} is damaged; the other one counts`;
    yield { severity: 'warning', file, message, advice: 'Some records may be repeated.' };
  }
  const mark = await readWhole(fs, join(directory, `deliveries/${markFileName(name)}`)).catch(() => undefined);
  const marked = mark && decodeMark(mark);
  if (marked?.running && !isRunning) {
    const where = marked.attempting === null ? '' : ` at position ${marked.attempting}`;
    yield { severity: 'ok', file, message: `the last process died while ${name} was at work${where}` };
  }
}

/** Why a state cannot be what a delivery saved; undefined when it can. */
function insane(birth: Position, { cursor, settled, counts }: CursorState): string | undefined {
  if (!isPosition(birth) || !isPosition(cursor)) return 'its position is none';
  if (typeof counts !== 'object' || counts === null) return 'it has no counts';
  let below = cursor;
  for (const [from, to] of settled) {
    if (!isPosition(from) || !isPosition(to) || from < below || to < from) return 'its settled ranges are in disorder';
    below = to + 1;
  }
  return undefined;
}

function isPosition(position: unknown): boolean {
  return Number.isSafeInteger(position) && (position as number) >= 1;
}

function isHalfDamaged(bytes: Buffer, path: string): boolean {
  return [0, SLOT_BYTES]
    .map((at) => bytes.subarray(at, at + SLOT_BYTES))
    .some((slot) => !slot.every((byte) => byte === 0) && decodeSlot(slot, path) === undefined);
}

function relativeTo(directory: string, path: string): string {
  return path.slice(directory.length + 1);
}
