/** `<data>/audit.log`: one JSON line for every change that a person asked for, and for each look at live records. */
import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type File, type FileSystem, isMissing, nodeFileSystem } from '../journal/file/fs.ts';
import type { Log } from '../telemetry/log.ts';
import type { Operations } from './operations.ts';

/** Who asked, as the command that was run knows it: numbers and names of this machine. */
export interface Person {
  /** null where the platform has none. */
  readonly uid: number | null;
  readonly user: string | null;
}

export interface Change {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly who: Person;
  /** What came of it; absent where it failed. */
  readonly result?: unknown;
  readonly error?: string;
}

/** Longer lists (of ids) are cut. */
const LISTED = 100;

export class AuditLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #fs: FileSystem;
  #last: Promise<void> = Promise.resolve();

  constructor({ directory, clock, log, fs = nodeFileSystem }: AuditLogOptions) {
    this.#path = join(directory, 'audit.log');
    this.#clock = clock;
    this.#log = log;
    this.#fs = fs;
  }

  /**
   * Resolves when the line is on disk. Where it cannot be written it goes to the log of the agent, or of the command, as a
   * warning: on a full disk the change may be what makes room.
   */
  record(change: Change): Promise<void> {
    const line = JSON.stringify({ time: new Date(this.#clock.now()).toISOString(), ...change });
    this.#last = this.#last
      .then(() => this.#append(line))
      .catch((error: unknown) => {
        this.#log.warn('A change could not be written to the audit log.', {
          file: this.#path,
          error: String(error),
          change: line,
        });
      });
    return this.#last;
  }

  async #append(line: string): Promise<void> {
    const file = await this.#open();
    try {
      const end = await file.size();
      await file.write(Buffer.from(`${(await isTorn(file, end)) ? '\n' : ''}${line}\n`), end);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #open(): Promise<File> {
    try {
      return await this.#fs.open(this.#path, 'update');
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const file = await this.#fs.open(this.#path, 'create');
    await this.#fs.syncDirectory(dirname(this.#path));
    return file;
  }
}

export interface AuditLogOptions {
  /** The data directory; exists. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fs?: FileSystem;
}

/** A loss of power can leave half a line. */
async function isTorn(file: File, end: number): Promise<boolean> {
  if (end === 0) return false;
  const last = Buffer.alloc(1);
  await file.read(last, end - 1);
  return last[0] !== 0x0a;
}

/** Who runs this process. */
export function thisPerson(): Person {
  const uid = process.getuid?.() ?? null;
  try {
    return { uid, user: userInfo().username };
  } catch {
    // No entry in the list of users, as in containers.
    return { uid, user: null };
  }
}

/**
 * The same operations, with a line for each change, also for one that failed: part of it may have been done; and with one for
 * whoever begins to watch records, for they are what customers wrote.
 */
export function audited(operations: Operations, audit: AuditLog, who: Person): Operations {
  const change = async <Result>(
    command: string,
    given: Readonly<Record<string, unknown>>,
    work: Promise<Result>,
  ): Promise<Result> => {
    try {
      const result = await work;
      await audit.record({ command, arguments: given, who, ...(result !== undefined && { result }) });
      return result;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      await audit.record({ command, arguments: given, who, error: text });
      throw error;
    }
  };
  return {
    ledger: () => operations.ledger(),
    letters: (filter) => operations.letters(filter),
    letterDetails: (filter) => operations.letterDetails(filter),
    retryLetters: (filter) => change('dead-letters retry', shortened(filter), operations.retryLetters(filter)),
    discardLetters: (filter) => change('dead-letters discard', shortened(filter), operations.discardLetters(filter)),
    replay: (request) =>
      request.dry_run ? operations.replay(request) : change('replay', { ...request }, operations.replay(request)),
    cancelReplay: (id) => change('replay cancel', { id }, operations.cancelReplay(id)),
    renameDelivery: (from, to) => change('deliveries rename', { from, to }, operations.renameDelivery(from, to)),
    forgetDelivery: (name) => change('deliveries forget', { name }, operations.forgetDelivery(name)),
    skipDelivery: (name, options) =>
      change('deliveries skip', { name, ...options }, operations.skipDelivery(name, options)),
    erase: (person, options) =>
      options.dry_run
        ? operations.erase(person, options)
        : change('erase', { contact: unnamed(person) }, operations.erase(person, options)),
    async *tap(request, gone) {
      for await (const line of operations.tap(request, gone)) {
        if (line.kind === 'begun') await audit.record({ command: 'tail', arguments: { ...request }, who });
        yield line;
      }
    },
    async drain() {
      // Where it fails nothing has begun.
      const result = await operations.drain();
      await audit.record({ command: 'drain', arguments: {}, who, result });
      return result;
    },
  };
}

/** Who is to be forgotten must not be named here for ever; who knows the id can tell that it was this one. */
function unnamed(person: string): string {
  return `sha256:${createHash('sha256').update(person).digest('hex').slice(0, 16)}`;
}

function shortened<Filter extends { readonly ids?: readonly string[] }>(
  filter: Filter,
): Readonly<Record<string, unknown>> {
  const { ids, ...rest } = filter;
  if (!ids) return rest;
  const more = ids.length > LISTED ? [`and ${ids.length - LISTED} more`] : [];
  return { ...rest, ids: [...ids.slice(0, LISTED), ...more] };
}
