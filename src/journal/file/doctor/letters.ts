import { join } from 'node:path';
import { readDeadLetters } from '../dead-letters/stored-letters.ts';
import type { FileSystem } from '../fs.ts';
import { type Finding, mebibytes } from './finding.ts';

/** Reads every dead letter. Yields what it finds; returns how many there are. */
export async function* checkLetters(fs: FileSystem, directory: string): AsyncGenerator<Finding, number> {
  const file = 'dead-letters';
  try {
    const letters = await readDeadLetters({ fs, directory: join(directory, file) });
    try {
      const list = letters.list();
      const { bytes } = letters.status();
      yield { severity: 'ok', file, message: `${list.length} letters, ${mebibytes(bytes)}` };
      for (const note of letters.notes) yield { severity: 'warning', file, message: note };
      for (const { delivery, position } of list) {
        if ((await letters.get({ delivery, position })) !== undefined) continue;
        const message = `the letter of ${delivery} at position ${position} is damaged`;
        yield { severity: 'error', file, message, advice: 'Discard it: `dead-letters discard`.' };
      }
      return list.length;
    } finally {
      await letters.close();
    }
  } catch (error) {
    yield { severity: 'error', file, message: error instanceof Error ? error.message : String(error) };
    return 0;
  }
}
