import { Command, Option } from 'commander';

const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value];

/** `--config`, as every command that reads a configuration takes it. */
export function withConfig(command: Command): Command {
  return command.addOption(
    new Option(
      '-c, --config <file>',
      'configuration file; given several times, later ones are merged over earlier ones',
    )
      .argParser(collect)
      .makeOptionMandatory(),
  );
}

export { Command };
