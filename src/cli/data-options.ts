import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AgentConfig } from '../config/model.ts';
import { dataDirectoryOf } from '../control/data-directory.ts';
import { type ConfigurationOptions, load, requireConfig } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { type Command, withConfig } from './options.ts';

export interface DataOptions extends ConfigurationOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** `--data` and `--config`, as every command that looks after an agent's data takes them. */
export function withData(command: Command): Command {
  return withConfig(
    withDataDirectory(command),
    "the agent's, which names the directory; several are merged, as for `run`",
  );
}

/** `--data` alone. */
export function withDataDirectory(command: Command): Command {
  return command.option('--data <directory>', "the agent's data directory; default: ./data");
}

/**
 * The data directory that is meant, as an absolute path, and the configuration where one was given.
 * @throws {CommandError} when none is there
 */
export async function dataOf(options: DataOptions): Promise<{ directory: string; config?: AgentConfig }> {
  const config = options.config || options.set ? await configOf(options) : undefined;
  const directory = resolve(options.data ?? (config ? dataDirectoryOf(config) : './data'));
  if (existsSync(directory)) return { directory, ...(config && { config }) };
  if (options.data !== undefined) throw new CommandError(`--data: ${directory} does not exist`, EXIT.usage);
  if (config) {
    throw new CommandError(`${directory} does not exist: no agent has run with this configuration on this machine`);
  }
  throw new CommandError('which agent? Name its data directory (--data) or its configuration (--config)', EXIT.usage);
}

/** Only errors are told: who looks after an agent at work has seen its warnings. */
async function configOf(options: ConfigurationOptions): Promise<AgentConfig> {
  return (await load(options)).config ?? (await requireConfig(options));
}
