/** A data directory as a file: what lies in it, and what a reader finds there. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DeadLetter, LetterInfo } from '../../../../src/journal/dead-letters.ts';
import type { CursorInfo, Entry, StoredJournal } from '../../../../src/journal/journal.ts';
import { readAll } from '../../entries.ts';

/** By path inside the directory: the bytes, compressed, in base64. */
export type Packed = Readonly<Record<string, string>>;

/** For people to read: bytes that are no text are in base64. */
export interface Contents {
  readonly first: number;
  readonly next: number;
  readonly entries: readonly Plain[];
  readonly cursors: readonly Plain[];
  readonly letters: readonly Plain[];
}
type Plain = Readonly<Record<string, unknown>>;

export function pack(directory: string): Packed {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((found) => found.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    paths.map((path) => [relative(directory, path), gzipSync(readFileSync(path), { level: 9 }).toString('base64')]),
  );
}

export function unpack(packed: Packed, directory: string): void {
  for (const [name, bytes] of Object.entries(packed)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, gunzipSync(Buffer.from(bytes, 'base64')), { mode: 0o600 });
  }
}

/** Everything that a journal shows. */
export async function contentsOf(journal: StoredJournal): Promise<Contents> {
  const { first, next } = journal.status();
  const { entries, lost } = await readAll(journal, first);
  if (lost.length > 0) throw new Error(`${lost} are lost`);
  const letters: Plain[] = [];
  for (const info of journal.deadLetters.list()) letters.push(plainLetter(info, await journal.deadLetters.get(info)));
  const cursors = journal.cursors().map(plainCursor);
  cursors.sort((a, b) => String(a.name).localeCompare(String(b.name)));
  // As JSON has it, without what is undefined.
  return JSON.parse(JSON.stringify({ first, next, entries: entries.map(plainEntry), cursors, letters }));
}

function plainEntry({ body, ...rest }: Entry): Plain {
  return { ...rest, body: text(body) };
}

function plainCursor({ name, birth, state }: CursorInfo): Plain {
  return { name, birth, state };
}

function plainLetter({ retrying }: LetterInfo, letter: DeadLetter | undefined): Plain {
  if (!letter) throw new Error('a dead letter is listed and cannot be read');
  const { entry, sent, ...rest } = letter;
  return { ...rest, retrying, entry: plainEntry(entry), sent: sent && text(sent) };
}

function text(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  return Buffer.from(text).equals(bytes) ? text : `base64:${Buffer.from(bytes).toString('base64')}`;
}
