import { Command, InvalidArgumentError, Option } from 'commander';
import { type Gates, parseGates } from '../config/gates.ts';

/** Parses an option that may be given several times. */
export const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value];

/** `--config`, `--set` and `--feature-gates`, as every command that reads a configuration takes them. */
export function withConfig(
  command: Command,
  about = 'given several times, later ones are merged over earlier ones',
): Command {
  return command
    .addOption(
      new Option(
        '-c, --config <uri>',
        `configuration file, or env:, yaml:, http(s): and what they name; ${about}`,
      ).argParser(collect),
    )
    .addOption(
      new Option('--set <key=value>', 'one value over all of them: --set exporters.debug.verbosity=detailed').argParser(
        collect,
      ),
    )
    .addOption(
      new Option('--feature-gates <list>', 'switches behaviour on, or off with a - before its name').argParser(gates),
    );
}

function gates(text: string, before: Gates | undefined): Gates {
  try {
    return parseGates(text, before);
  } catch (error) {
    if (error instanceof RangeError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

export { Command };
