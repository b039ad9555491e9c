import * as nodeFs from 'node:fs/promises';
import { aborted } from '../../clock.ts';
import type { ComponentContext, Exporter } from '../../component.ts';
import { zstdCompress } from '../../net/compression.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { ENCODINGS, weighing } from '../otlp-encoding.ts';
import type { Outcome } from '../outcome.ts';
import { AppendFile, type FileSystem, HalfWritten } from './append-file.ts';
import type { FileConfig } from './config.ts';
import { FRAMES, LINES } from './framing.ts';
import { type Group, groupsOf } from './groups.ts';
import { moveAside, rotate } from './rotation.ts';

/** A batch of several records stays within this many bytes, uncompressed. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;

export function createFile(config: FileConfig, context: ComponentContext, fs: FileSystem = nodeFs): Exporter {
  return new FileExporter(config, context, fs);
}

/** Writes batches one after the other; `delivered` means synced. */
class FileExporter implements Exporter {
  readonly weigh: (record: LogRecord) => number;
  readonly #config: FileConfig;
  readonly #context: ComponentContext;
  readonly #fs: FileSystem;
  /** By path, the one that was used last at the end. */
  readonly #files = new Map<string, AppendFile>();
  /** The end of the queue of file operations. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: FileConfig, context: ComponentContext, fs: FileSystem) {
    this.weigh = weighing(ENCODINGS[config.format]);
    this.#config = config;
    this.#context = context;
    this.#fs = fs;
  }

  /** A path that cannot be used yet is no reason not to start: the delivery holds until it can. */
  async start(): Promise<void> {
    if (this.#config.group_by.enabled) return;
    const outcome = await this.#attempt(async () => (await this.#file(this.#config.path)).open());
    if (outcome.kind === 'delivered') return;
    this.#context.log.warn('the file cannot be opened; records are kept until it can', {
      reason: outcome.reason.summary,
      advice: outcome.reason.advice,
    });
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    await Promise.race([this.reopen(), aborted(deadline)]);
  }

  reopen(): Promise<void> {
    return this.#inTurn(async () => {
      const files = [...this.#files.values()];
      this.#files.clear();
      await Promise.all(files.map((file) => file.close().catch(() => {})));
    });
  }

  async send({ records }: { readonly records: readonly LogRecord[] }): Promise<Outcome> {
    const { compression, compression_params: params, format } = this.#config;
    const groups = await Promise.all(
      groupsOf(records, this.#config).map(async (group) => {
        const plain = ENCODINGS[format].encode(group.records, {});
        const batch = compression === 'zstd' ? await zstdCompress(plain, params.level) : plain;
        return { ...group, batch };
      }),
    );
    return this.#attempt(() => this.#append(groups));
  }

  /** All of them or none: what was added is taken back when another file fails. */
  async #append(groups: readonly (Group & { readonly batch: Uint8Array })[]): Promise<void> {
    const undo: (() => Promise<void>)[] = [];
    for (const { path, batch } of groups) {
      try {
        undo.push(await (await this.#file(path)).append(batch));
      } catch (error) {
        const undone = await Promise.allSettled(undo.map((takeBack) => takeBack()));
        throw undone.find((result) => result.status === 'rejected')?.reason ?? error;
      }
    }
  }

  async #file(path: string): Promise<AppendFile> {
    const file = this.#files.get(path) ?? this.#made(path);
    this.#files.delete(path);
    this.#files.set(path, file);
    for (const [other, oldest] of this.#files) {
      if (this.#files.size <= Math.max(1, this.#config.group_by.max_open_files)) break;
      this.#files.delete(other);
      await oldest.close().catch(() => {});
    }
    return file;
  }

  #made(path: string): AppendFile {
    const { rotation, group_by: groups, create_directory: create, directory_permissions: mode } = this.#config;
    const { clock, log } = this.#context;
    const putAside = async () => {
      const { name } = await moveAside(path, rotation?.localtime ?? false, clock, this.#fs);
      log.warn('the file does not end with a whole batch of this format: it is kept under another name', {
        path,
        name,
      });
    };
    const maxBytes = (rotation && rotation.max_megabytes > 0 ? rotation.max_megabytes : 100) * 1024 * 1024;
    return new AppendFile(
      {
        ...{ path, putAside, framing: this.#framing },
        ...((create || groups.enabled) && { directoryMode: Number.parseInt(mode || '755', 8) }),
        ...(rotation && { rotation: { maxBytes, rotate: () => rotate(path, rotation, clock, this.#fs) } }),
      },
      this.#fs,
    );
  }

  get #framing() {
    return this.#config.format === 'json' && this.#config.compression === '' ? LINES : FRAMES;
  }

  async #attempt(work: () => Promise<void>): Promise<Outcome> {
    try {
      await this.#inTurn(work);
      return { kind: 'delivered' };
    } catch (error) {
      return outcomeOf(this.#config, error as NodeJS.ErrnoException);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

/** Codes that pass by themselves, or with someone clearing up; all others want a person to look at the path. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ESTALE', 'ETIMEDOUT']);

/** By the code of the error. */
export const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the volume is full: make room',
  EDQUOT: 'the quota of the volume is used up: make room',
  ENOENT: 'the directory does not exist: make it, or set `create_directory: true`',
  EACCES: 'the agent may not write there: check owner and permissions of the file and its directory',
  EPERM: 'the agent may not write there: check owner and permissions of the file and its directory',
  EROFS: 'the volume is read-only: mount a writable one, or choose another `path`',
  EISDIR: '`path` is a directory: it must name a file',
  ENAMETOOLONG: 'the name of the file is too long',
  ENOTDIR: 'part of `path` is a file where a directory is expected',
};

/** Where the value of an attribute makes the name: nobody can give its record a file. */
const OF_NAMES = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG']);

function outcomeOf({ path, group_by: groups }: FileConfig, error: NodeJS.ErrnoException): Outcome {
  const { code } = error;
  if (!code) throw error;
  // The pattern: values of attributes are no matter of logs.
  const reason = { summary: `cannot write to ${path}: ${code}`, code, advice: ADVICE[code] };
  if (groups.enabled && OF_NAMES.has(code)) return { kind: 'reject', reason };
  if (!PASSING.has(code)) return { kind: 'hold', reason };
  return { kind: 'retry', reason, ambiguous: error instanceof HalfWritten };
}
