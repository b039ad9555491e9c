/** What lies in the directory of the deliveries, read and left as it is. */
import { join } from 'node:path';
import type { FileSystem } from './fs.ts';
import { foreignState, readState, type Slot, stateFileName } from './state.ts';

export interface DeliveryFiles {
  /** In the order of their names. */
  readonly states: readonly { readonly path: string; readonly slot: Slot }[];
  /** State files without a whole copy, by file name; `empty` ones have not a byte but zeros. */
  readonly broken: ReadonlyMap<string, 'damaged' | 'empty'>;
  /** Paths of damaged states that an earlier opening put aside. */
  readonly kept: readonly string[];
  /** Names of marks. */
  readonly marks: readonly string[];
  /** Paths of what a crash left half-made. */
  readonly drafts: readonly string[];
  /** Paths of what is not the journal's. */
  readonly foreign: readonly string[];
}

/** @throws {JournalError} `failed`, in words, for a state that was renamed or is newer than this program. */
export async function findDeliveryFiles(fs: FileSystem, directory: string): Promise<DeliveryFiles> {
  const states: { path: string; slot: Slot }[] = [];
  const broken = new Map<string, 'damaged' | 'empty'>();
  const kept: string[] = [];
  const marks: string[] = [];
  const drafts: string[] = [];
  const foreign: string[] = [];
  for (const name of (await fs.list(directory)).sort()) {
    const path = join(directory, name);
    if (/^[0-9a-f]{40}\.(state|mark)\.new$/.test(name)) drafts.push(path);
    else if (/^[0-9a-f]{40}\.mark$/.test(name)) marks.push(name);
    else if (/^[0-9a-f]{40}\.state\.damaged-\d+$/.test(name)) kept.push(path);
    else if (/^[0-9a-f]{40}\.state$/.test(name)) {
      const slot = await readState(fs, path);
      if (slot === undefined) broken.set(name, 'empty');
      else if (slot === 'damaged') broken.set(name, 'damaged');
      else if (stateFileName(slot.saved.name) !== name) throw foreignState(path);
      else states.push({ path, slot });
    } else if (name.endsWith('.state')) throw foreignState(path);
    else foreign.push(path);
  }
  return { states, broken, kept, marks, drafts, foreign };
}
