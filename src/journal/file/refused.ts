import { JournalError } from '../journal.ts';
import { isOutOfSpace } from './fs.ts';

/** What callers of the journal are told of an error of the file system; `doing` names the file. One of ours stays as it is. */
export function refused(error: unknown, doing: string): JournalError {
  if (error instanceof JournalError) return error;
  const code = isOutOfSpace(error) ? 'full' : 'failed';
  return new JournalError(code, `${doing}: ${messageOf(error)}`, { cause: error });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
