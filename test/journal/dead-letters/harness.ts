/** A store of dead letters in a directory of its own, and what tests do to its files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type FileDeadLetters,
  type FileDeadLettersOptions,
  openDeadLetters,
  readDeadLetters,
  type StoredFileLetters,
} from '../../../src/journal/file/dead-letters/index.ts';
import { nodeFileSystem } from '../../../src/journal/file/fs.ts';
import { type Log, type LogFields, silentLog } from '../../../src/telemetry/log.ts';
import { copyDirectory } from '../../support/copy-directory.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export interface Setting {
  readonly directory: string;
  readonly clock: FakeClock;
  /** Opens the store; it is let go at the end of the test. */
  open(options?: Partial<FileDeadLettersOptions>): Promise<FileDeadLetters>;
  read(directory?: string): Promise<StoredFileLetters>;
  /** A copy of the directory, as a killed process would leave it now. */
  copy(): string;
  /** Paths of the segments, in order. */
  files(directory?: string): string[];
  /** Whether the bytes are in any file. */
  holds(bytes: string, directory?: string): boolean;
}

export const NO_LIMITS = { maxAgeMs: 0, maxBytes: 2 ** 40 };

export function setting(t: TestContext, defaults: Partial<FileDeadLettersOptions> = {}): Setting {
  const root = mkdtempSync(join(tmpdir(), 'letters-'));
  const directory = mkdtempSync(join(root, 'dead-letters-'));
  const stores: FileDeadLetters[] = [];
  t.after(async () => {
    await Promise.allSettled(stores.map((store) => store.abandon()));
    rmSync(root, { recursive: true, force: true });
  });
  const clock = new FakeClock();
  const files = (of = directory) =>
    readdirSync(of)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .map((name) => join(of, name));
  return {
    directory,
    clock,
    files,
    async open(options) {
      const store = await openDeadLetters({
        fs: nodeFileSystem,
        directory,
        limits: NO_LIMITS,
        clock,
        random: Math.random,
        log: silentLog,
        assertOwner: async () => {},
        ...defaults,
        ...options,
      });
      stores.push(store);
      return store;
    },
    read: (of = directory) => readDeadLetters({ fs: nodeFileSystem, directory: of }),
    copy() {
      const copy = mkdtempSync(join(root, 'copy-'));
      copyDirectory(directory, copy);
      return copy;
    },
    holds: (bytes, of = directory) => readdirSync(of).some((name) => readFileSync(join(of, name)).includes(bytes)),
  };
}

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export function recordingLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), with: () => log };
  return { log, lines };
}
