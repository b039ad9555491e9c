/**
 * One process owns a data directory: the one named in its file `owner`, which is made by link(2), so that of many who try
 * at the same time one gets it.
 *
 * An owner that is gone is replaced: at once when it can be seen to be dead (same host and scope: no process with its PID,
 * or one that started at another time), else after 15 s in which its heartbeat stood still. The right to replace the owner
 * with nonce N belongs to whoever holds the lock `owner.<N>`, which is got and, if need be, taken over in the same way. So
 * two who find the same owner dead never replace each other.
 *
 * A process that was only stopped for a while can be replaced too; it finds out before its next segment, and within one
 * heartbeat.
 */
import { join } from 'node:path';
import { type Clock, delay } from '../../clock.ts';
import { type Log, silentLog } from '../../telemetry/log.ts';
import { JournalError } from '../journal.ts';
import { codeOf, discard, type File, type FileSystem, isOutOfSpace, readWhole } from './fs.ts';
import type { Platform } from './platform.ts';

/** How often an owner shows that it lives. */
export const HEARTBEAT_MS = 5_000;
/** An owner that cannot be seen counts as dead when its heartbeat stood still for so long. */
const SILENCE_MS = 15_000;
const WATCH_STEP_MS = 1_000;
/** Someone is just replacing the owner: a matter of milliseconds. */
const TAKEOVER_WAIT_MS = 50;

export interface OwnerOptions {
  readonly fs: FileSystem;
  /** The data directory; exists. */
  readonly directory: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

interface Holder {
  readonly pid: number;
  readonly startedAt: string;
  readonly scope: string;
  readonly host: string;
  readonly nonce: string;
  /** Counts up while the holder lives. */
  readonly heartbeat: number;
}

/** @throws {JournalError} `failed` when another process owns the directory. */
export async function acquireOwnership(options: OwnerOptions): Promise<Ownership> {
  const { fs, directory, platform, random } = options;
  const self: Holder = {
    pid: platform.pid,
    startedAt: platform.startOf(platform.pid) ?? '',
    scope: platform.scope,
    host: platform.host,
    nonce: Array.from({ length: 4 }, () =>
      Math.floor(random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join(''),
    heartbeat: 0,
  };
  const path = join(directory, 'owner');
  const draft = join(directory, `owner-${self.nonce}.new`);
  try {
    await write(fs, draft, self, join(directory, 'spare'));
    while (!(await take(options, path, draft, self))) await delay(options.clock, TAKEOVER_WAIT_MS);
    // Kept open: a heartbeat goes to this very file, also when another one has got its name meanwhile.
    const file = await fs.open(path, 'update');
    const ownership = new Ownership(options, path, file, self);
    try {
      await ownership.assert();
      await fs.syncDirectory(directory);
      return ownership;
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof JournalError) throw error;
    throw new JournalError('failed', `${directory} cannot be claimed for this process: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await discard(fs, draft).catch(() => {});
  }
}

export class Ownership {
  readonly #options: OwnerOptions;
  readonly #path: string;
  readonly #file: File;
  #self: Holder;
  #released = false;

  constructor(options: OwnerOptions, path: string, file: File, self: Holder) {
    this.#options = options;
    this.#path = path;
    this.#file = file;
    this.#self = self;
  }

  /** @throws {JournalError} `closed` when the directory has another owner now, or the file is gone; `failed` when nobody can tell. */
  async assert(): Promise<void> {
    const holder = await read(this.#options.fs, this.#path).catch((error) => {
      if (error instanceof JournalError) throw error;
      throw new JournalError('failed', `${this.#path} cannot be read: ${String(error)}`, { cause: error });
    });
    if (holder?.nonce === this.#self.nonce) return;
    const now = holder === undefined ? 'its owner file is gone' : `process ${holder.pid} on ${holder.host} owns it now`;
    throw new JournalError('closed', `this process has lost ${this.#options.directory}: ${now}. Restart the agent.`);
  }

  /** Shows that this process lives. @throws as `assert`. */
  async beat(): Promise<void> {
    await this.assert();
    this.#self = { ...this.#self, heartbeat: this.#self.heartbeat + 1 };
    await this.#file.write(encode(this.#self), 0);
    await this.#file.sync();
  }

  /** Gives the directory up, unless another has it already. Idempotent. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await this.#file.close();
    const holder = await read(this.#options.fs, this.#path);
    if (holder?.nonce === this.#self.nonce) await discard(this.#options.fs, this.#path);
  }
}

export interface FoundOwner {
  readonly pid: number;
  readonly host: string;
  readonly isAlive: boolean;
}

/**
 * Who owns a directory, for those who only look; undefined for nobody. Takes up to 15 s where the owner cannot be seen from
 * here. @throws {JournalError} `failed` when the file does not say.
 */
export async function ownerOf(options: Omit<OwnerOptions, 'random' | 'log'>): Promise<FoundOwner | undefined> {
  const path = join(options.directory, 'owner');
  const holder = await read(options.fs, path);
  if (holder === undefined) return undefined;
  const { pid, host } = holder;
  return { pid, host, isAlive: await isAlive({ ...options, log: silentLog }, path, holder) };
}

/** True when `path` names this process now; false when someone else is about to replace a dead holder: try again. */
async function take(options: OwnerOptions, path: string, draft: string, self: Holder): Promise<boolean> {
  const { fs } = options;
  for (;;) {
    try {
      await fs.link(draft, path);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = await read(fs, path);
    if (holder === undefined) continue;
    if (await isAlive(options, path, holder)) {
      if (path === join(options.directory, 'owner')) throw inUse(options, holder);
      return false;
    }
    const gate = `${path}.${holder.nonce}`;
    if (!(await take(options, gate, draft, self))) return false;
    try {
      // Who held the gate before may have replaced the holder already.
      if ((await read(fs, path))?.nonce !== holder.nonce) continue;
      options.log.info('The previous owner of the data directory is gone; this process takes it over', {
        pid: holder.pid,
        host: holder.host,
      });
      // Another name for the draft: a full volume has no room for another file.
      const replacement = `${draft}.${path.length}`;
      await fs.link(draft, replacement);
      await fs.rename(replacement, path);
      return true;
    } finally {
      await discard(fs, gate);
    }
  }
}

async function isAlive(
  { fs, platform, clock, log }: Omit<OwnerOptions, 'random'>,
  path: string,
  holder: Holder,
): Promise<boolean> {
  if (holder.host === platform.host && holder.scope === platform.scope && platform.scope !== '') {
    return platform.startOf(holder.pid) === holder.startedAt;
  }
  log.info('Waiting to see whether the previous owner of the data directory still lives', {
    pid: holder.pid,
    host: holder.host,
    at_most_seconds: SILENCE_MS / 1000,
  });
  const since = clock.monotonic();
  while (clock.monotonic() - since < SILENCE_MS) {
    await delay(clock, WATCH_STEP_MS);
    const now = await read(fs, path);
    // Gone, or another's: look again from the beginning. That one is alive.
    if (now?.nonce !== holder.nonce) return now !== undefined;
    if (now.heartbeat !== holder.heartbeat) return true;
  }
  return false;
}

/** Of fixed length for one holder, so that a heartbeat overwrites it in place. */
function encode({ heartbeat, ...rest }: Holder): Buffer {
  return Buffer.from(`${JSON.stringify(rest)}\n${String(heartbeat).padStart(16, '0')}\n`);
}

/**
 * Where the volume has no room for a file, the spare one becomes it: never given back to the volume, so that nobody else can
 * take it. What stood in it stays behind the two lines.
 */
async function write(fs: FileSystem, path: string, holder: Holder, spare: string): Promise<void> {
  const put = async (mode: 'create' | 'update') => {
    const file = await fs.open(path, mode);
    try {
      await file.write(encode(holder), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  try {
    await put('create');
  } catch (error) {
    if (!isOutOfSpace(error)) throw error;
    await fs.rename(spare, path).catch(() => {
      throw error;
    });
    await put('update');
  }
}

async function read(fs: FileSystem, path: string): Promise<Holder | undefined> {
  const bytes = await readWhole(fs, path);
  if (bytes === undefined) return undefined;
  const [json, heartbeat] = bytes.toString().split('\n');
  try {
    const { pid, startedAt, scope, host, nonce } = JSON.parse(json as string);
    if (typeof nonce !== 'string' || !/^[0-9a-f]{32}$/.test(nonce)) throw new SyntaxError('no nonce');
    return { pid, startedAt, scope, host, nonce, heartbeat: Number(heartbeat) };
  } catch {
    throw new JournalError(
      'failed',
      `${path} does not say who owns the directory. Make sure that no agent uses the directory, then delete that file.`,
    );
  }
}

function inUse({ directory }: OwnerOptions, { pid, host }: Holder): JournalError {
  return new JournalError(
    'failed',
    `${directory} is in use by process ${pid} on ${host}. Stop that agent, or give this one another directory.`,
  );
}
