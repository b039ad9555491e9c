import { resolve } from 'node:path';
import type { ExtensionFactory } from '../component.ts';
import type { AgentConfig, Configured } from '../config/model.ts';

/** What the configuration of every storage extension has. */
interface StorageConfig {
  readonly directory: string;
  /** Most that the journal takes; 0 leaves it to the engine. */
  readonly max_bytes: number;
}

/**
 * The storage of a configuration: the one that `service::extensions` names, else the one of this build with its defaults.
 * @throws {Error} where several are named: the agent has one journal.
 */
export function storageOf({
  service,
  extensions,
  factories,
}: Pick<AgentConfig, 'service' | 'extensions' | 'factories'>): Configured<ExtensionFactory> {
  const named = service.extensions.flatMap((id) => {
    const extension = extensions.get(id);
    return extension?.factory.storage ? [extension] : [];
  });
  if (named.length > 1) {
    const ids = named.map(({ id }) => id).join(' and ');
    throw new Error(`service::extensions: ${ids} are both a storage; name one, the agent has one journal`);
  }
  if (named[0]) return named[0];
  for (const factory of factories) {
    if (factory.kind === 'extension' && factory.storage) {
      return { id: factory.type, type: factory.type, factory, config: factory.config.parse({}) };
    }
  }
  throw new Error('BUG: no storage in this build');
}

/** Where the agent of this configuration keeps its data: an absolute path. */
export function dataDirectoryOf(config: Pick<AgentConfig, 'service' | 'extensions' | 'factories'>): string {
  return resolve((storageOf(config).config as StorageConfig).directory);
}

/** Most that the journal of this configuration takes, in bytes; undefined where the engine finds out by itself. */
export function journalLimitOf(config: Pick<AgentConfig, 'service' | 'extensions' | 'factories'>): number | undefined {
  return (storageOf(config).config as StorageConfig).max_bytes || undefined;
}
