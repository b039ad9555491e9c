/** From the files of the deliveries, whatever happened to them, to deliveries that this process may go on with. */
import { join } from 'node:path';
import type { Position } from '../journal.ts';
import type { Births } from './births.ts';
import { type CursorOptions, FileCursor } from './cursor.ts';
import { Deliveries } from './deliveries.ts';
import { findDeliveryFiles } from './delivery-files.ts';
import { discard } from './fs.ts';
import { markFileName, stateAt, stateFileName } from './state.ts';

/**
 * Makes every state file this process's own. `births` are those that the log knows. A state that is missing or damaged
 * although the log knows of its delivery starts again at the birth, or at `first` where what lies below is deleted. `notes`
 * are what people should know of.
 * @throws {JournalError} `failed` for files that are not ours.
 */
export async function loadDeliveries(
  options: CursorOptions,
  births: Births,
  first: Position,
): Promise<{ deliveries: Deliveries; notes: string[] }> {
  const { fs, directory } = options;
  const found = await findDeliveryFiles(fs, directory);
  const notes = [
    ...found.foreign.map((path) => `${path} is not the state of a delivery; it was left alone.`),
    ...found.kept.map((path) => `${path} is a damaged state that was kept; delete it when you have seen it.`),
  ];
  for (const path of found.drafts) await discard(fs, path);
  const born = new Set([...births.keys()].map(stateFileName));
  for (const [file, harm] of found.broken) notes.push(await putAside(options, file, harm, born.has(file)));

  const cursors: FileCursor[] = [];
  try {
    for (const { slot } of found.states) cursors.push(await FileCursor.adopt(options, slot));
    const known = new Set(cursors.map(({ name }) => name));
    for (const [name, birth] of births) {
      if (known.has(name)) continue;
      cursors.push(await FileCursor.create(options, stateAt(name, birth, Math.max(birth, first))));
    }
    const marks = new Set(cursors.map(({ name }) => markFileName(name)));
    for (const mark of found.marks) if (!marks.has(mark)) await discard(fs, join(directory, mark));
  } catch (error) {
    await Promise.all(cursors.map((cursor) => cursor.abandon()));
    throw error;
  }
  return { deliveries: new Deliveries(options, cursors), notes };
}

/** Resolves with what to say of it. */
async function putAside(
  { fs, directory, clock }: CursorOptions,
  file: string,
  harm: 'damaged' | 'empty',
  isKnown: boolean,
): Promise<string> {
  const path = join(directory, file);
  const effect = isKnown
    ? 'its delivery repeats records.'
    : 'the log knows of no delivery that it belongs to: its counts are gone.';
  if (harm === 'empty') {
    await discard(fs, path);
    return `${path} was empty; ${effect}`;
  }
  const kept = `${path}.damaged-${clock.now()}`;
  await fs.rename(path, kept);
  return `${path} was damaged and is kept as ${kept}; ${effect}`;
}
