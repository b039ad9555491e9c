import { resolve } from 'node:path';
import type { ExtensionFactory } from '../../component.ts';
import { openFileJournal } from '../../journal/file/engine.ts';
import { check, config, type FileStorageConfig } from './config.ts';

export const factory: ExtensionFactory<FileStorageConfig> = {
  kind: 'extension',
  type: 'file_storage',
  storage: true,
  stability: 'alpha',
  summary: 'Where the journal lies: a directory of this machine, synced before each answer.',
  config,
  check,
  create(settings, context) {
    const directory = resolve(settings.directory);
    return {
      start: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
      async openJournal({ dedup, log, clock, onLost }) {
        const place = `extensions::${context.id}::directory`;
        const journal = await openFileJournal({
          directory,
          ...(settings.max_bytes > 0 && { maxBytes: settings.max_bytes }),
          segmentBytes: settings.segment_bytes,
          retention: {
            maxAgeMs: settings.retention.max_age,
            ...(settings.retention.max_bytes > 0 && { maxBytes: settings.retention.max_bytes }),
          },
          deadLetters: {
            maxAgeMs: settings.dead_letters.max_age,
            maxBytes: settings.dead_letters.max_bytes || Number.MAX_SAFE_INTEGER,
          },
          dedup,
          clock,
          random: context.random,
          log,
          onLost,
        }).catch((error: unknown) => {
          throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        });
        return { journal, dataDirectory: directory, orphanMaxAgeMs: settings.orphan_max_age };
      },
    };
  },
};
