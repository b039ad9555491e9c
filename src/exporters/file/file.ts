import * as nodeFs from 'node:fs/promises';
import type { ComponentContext, ConfigRemark, Exporter } from '../../component.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { ENCODINGS, weighing } from '../otlp-encoding.ts';
import type { Outcome } from '../outcome.ts';
import { AppendFile, type FileSystem, HalfWritten } from './append-file.ts';
import type { FileConfig } from './config.ts';
import { rotate } from './rotation.ts';

/** A batch of several records, that is a line, stays within this many bytes. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

export function checkFile(config: FileConfig): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const remark = (severity: 'error' | 'warning', key: string, message: string, suggestion?: string) =>
    remarks.push({ severity, path: [key], message, ...(suggestion && { suggestion }) });
  if (!config.append) {
    remark('warning', 'append', 'the file is never truncated: lines are added to what it holds', 'append: true');
  }
  if (config.format === 'proto') {
    remark('error', 'format', 'proto is not supported: a torn end could not be told from data', 'format: json');
  }
  if (config.compression === 'zstd') {
    remark('error', 'compression', 'zstd is not supported: a torn end would spoil what follows', 'compression: none');
  }
  if (config.directory_permissions !== undefined && !config.create_directory) {
    remark('error', 'directory_permissions', 'directory_permissions requires create_directory to be true');
  }
  return remarks;
}

export function createFile(config: FileConfig, context: ComponentContext, fs: FileSystem = nodeFs): Exporter {
  return new FileExporter(config, context, fs);
}

/** Writes batches one after the other, each a line; `delivered` means synced. */
class FileExporter implements Exporter {
  readonly weigh: (record: LogRecord) => number;
  readonly #path: string;
  readonly #context: ComponentContext;
  readonly #file: AppendFile;
  /** The end of the queue of file operations. Never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: FileConfig, context: ComponentContext, fs: FileSystem) {
    const { path, rotation } = config;
    this.weigh = weighing(ENCODINGS.json);
    this.#path = path;
    this.#context = context;
    this.#file = new AppendFile(
      {
        path,
        ...(config.create_directory && { directoryMode: Number.parseInt(config.directory_permissions ?? '755', 8) }),
        ...(rotation && {
          rotation: {
            maxBytes: rotation.max_megabytes * 1024 * 1024,
            rotate: () => rotate(path, rotation, context.clock, fs),
          },
        }),
      },
      fs,
    );
  }

  /** A path that cannot be used yet is no reason not to start: the delivery holds until it can. */
  async start(): Promise<void> {
    const outcome = await this.#attempt(() => this.#file.open());
    if (outcome.kind === 'delivered') return;
    this.#context.log.warn('the file cannot be opened; records are kept until it can', {
      reason: outcome.reason.summary,
      advice: outcome.reason.advice,
    });
  }

  async shutdown(deadline: AbortSignal): Promise<void> {
    const late = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.reopen(), late]);
  }

  reopen(): Promise<void> {
    return this.#inTurn(() => this.#file.close().catch(() => {}));
  }

  send({ records }: { readonly records: readonly LogRecord[] }): Promise<Outcome> {
    const json = ENCODINGS.json.encode(records, {});
    const line = Buffer.concat([json, Buffer.from('\n')]);
    return this.#attempt(() => this.#file.append(line));
  }

  async #attempt(work: () => Promise<void>): Promise<Outcome> {
    try {
      await this.#inTurn(work);
      return { kind: 'delivered' };
    } catch (error) {
      return outcomeOf(this.#path, error as NodeJS.ErrnoException);
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

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the volume is full: make room',
  EDQUOT: 'the quota of the volume is used up: make room',
  ENOENT: 'the directory does not exist: make it, or set `create_directory: true`',
  EACCES: 'the agent may not write there: check owner and permissions of the file and its directory',
  EPERM: 'the agent may not write there: check owner and permissions of the file and its directory',
  EROFS: 'the volume is read-only: mount a writable one, or choose another `path`',
  EISDIR: '`path` is a directory: it must name a file',
  ENOTDIR: 'part of `path` is a file where a directory is expected',
};

function outcomeOf(path: string, error: NodeJS.ErrnoException): Outcome {
  if (!error.code) throw error;
  const reason = { summary: `cannot write to ${path}: ${error.code}`, code: error.code, advice: ADVICE[error.code] };
  if (!PASSING.has(error.code)) return { kind: 'hold', reason };
  return { kind: 'retry', reason, ambiguous: error instanceof HalfWritten };
}
