import { readFile } from 'node:fs/promises';
import { formatDiagnostics } from '../config/diagnostics.ts';
import { type LoadResult, loadConfig } from '../config/load.ts';
import type { AgentConfig } from '../config/model.ts';
import { factories } from '../registry.ts';
import { CommandError, EXIT } from './exit.ts';

export interface ConfigurationOptions {
  readonly config: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function load(sources: readonly string[], environment: Environment = process.env): Promise<LoadResult> {
  return loadConfig({ sources, factories, environment, readFile: (path) => readFile(path, 'utf8') });
}

/**
 * Loads a configuration for a command that needs it right: everything that is wrong is printed to stderr at once.
 * @throws {CommandError} with the exit code for a wrong configuration
 */
export async function requireConfig(options: ConfigurationOptions, environment?: Environment): Promise<AgentConfig> {
  const result = await load(options.config, environment);
  const worth = result.diagnostics.filter(({ severity }) => severity !== 'note');
  if (worth.length > 0) process.stderr.write(formatDiagnostics(worth, { color: wantsColour(process.stderr) }));
  if (!result.config) {
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error').length;
    throw new CommandError(
      `${errors} error${errors === 1 ? '' : 's'} in the configuration; nothing was started.`,
      EXIT.usage,
    );
  }
  return result.config;
}

export function wantsColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}
