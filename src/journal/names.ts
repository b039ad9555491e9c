/** Names of cursors, for every engine. */
import { JournalError } from './journal.ts';

/** In characters. */
const MAX_LENGTH = 2048;

/** @throws {RangeError} for a name that no cursor can have. */
export function assertName(name: string): void {
  if (isName(name)) return;
  throw new RangeError(`BUG: the name of a cursor has 1 to ${MAX_LENGTH} characters, not ${name.length}`);
}

/** @throws {JournalError} `failed`, in words for whoever asked for it. */
export function assertRenamable(
  from: string,
  to: string,
  known: { has(name: string): boolean },
  open: { has(name: string): boolean },
): void {
  const refuse = (why: string): never => {
    throw new JournalError('failed', `the delivery ${JSON.stringify(from)} was not renamed: ${why}.`);
  };
  if (!known.has(from)) refuse('there is none of that name');
  if (open.has(from)) refuse('it is in use');
  if (known.has(to)) refuse(`there is one with the name ${JSON.stringify(to)} already`);
  if (!isName(to)) refuse(`a name has 1 to ${MAX_LENGTH} characters`);
}

function isName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_LENGTH;
}
