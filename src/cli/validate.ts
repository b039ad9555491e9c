import { formatDiagnostics } from '../config/diagnostics.ts';
import type { AgentConfig } from '../config/model.ts';
import { type ConfigurationOptions, load, wantsColour } from './configuration.ts';
import { CommandError, EXIT } from './exit.ts';
import { Command, withConfig } from './options.ts';

export function validateCommand(): Command {
  return withConfig(new Command('validate'))
    .description('Checks a configuration without starting anything: every error at once, with its place.')
    .option('--strict', 'warnings are errors')
    .option('--json', 'print the findings as JSON to stdout')
    .action(validate);
}

async function validate(options: ConfigurationOptions & { strict?: boolean; json?: boolean }): Promise<void> {
  const { config, diagnostics } = await load(options);
  if (options.json) process.stdout.write(`${JSON.stringify(diagnostics, null, 2)}\n`);
  else if (diagnostics.length > 0)
    process.stderr.write(formatDiagnostics(diagnostics, { color: wantsColour(process.stderr) }));
  const bad = diagnostics.filter(
    ({ severity }) => severity === 'error' || (options.strict && severity === 'warning'),
  ).length;
  if (bad > 0) throw new CommandError(`${bad} ${bad === 1 ? 'problem' : 'problems'} found.`, EXIT.usage);
  if (!options.json && config)
    process.stderr.write(
      `${[...(options.config ?? []), ...(options.set?.length ? ['--set'] : [])].join(', ')}: fine. ${inWords(config)}\n`,
    );
}

/** What a person wants to see at a glance: where events come in and where they go. */
function inWords(config: AgentConfig): string {
  return config.service.pipelines
    .map(({ id, receivers, receivesFrom, exporters, sendsTo }) => {
      const [from, to] = [
        [...receivers, ...receivesFrom],
        [...exporters, ...sendsTo],
      ];
      return `Pipeline ${id}: ${from.join(', ')} to ${to.join(', ')}.`;
    })
    .join(' ');
}
