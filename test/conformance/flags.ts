import { CommanderError } from 'commander';
import { type ConfigurationOptions, resolveOptions } from '../../src/cli/configuration.ts';
import { Command, withConfig } from '../../src/cli/options.ts';

/** The flags of a case as the command line reads them; a text: why it does not. */
export function readFlags(args: readonly string[]): ReturnType<typeof resolveOptions> | string {
  const command = withConfig(new Command('run'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    command.parse(args, { from: 'user' });
    return resolveOptions(command.opts<ConfigurationOptions>());
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}
