import { Option } from 'commander';
import { Catalog } from '../config/catalog.ts';
import { printedConfig } from '../config/print.ts';
import { Float } from '../config/tree.ts';
import { factories } from '../registry.ts';
import { type ConfigurationOptions, load, refusal, tell } from './configuration.ts';
import { Command, withConfig } from './options.ts';
import { jsonText, say, written, yamlText } from './printing.ts';

interface PrintConfigOptions extends ConfigurationOptions {
  readonly mode: 'redacted' | 'unredacted' | 'initial';
  readonly format: 'yaml' | 'json';
  readonly validate: 'true' | 'false';
}

export function printConfigCommand(): Command {
  return withConfig(new Command('print-config'))
    .description('Prints the configuration that all sources make together, with its defaults; secrets are hidden.')
    .addOption(
      new Option(
        '--mode <mode>',
        'redacted; unredacted shows secrets; initial is what the sources say, without defaults, secrets hidden',
      )
        .choices(['redacted', 'unredacted', 'initial'])
        .default('redacted'),
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(['yaml', 'json']).default('yaml'))
    .addOption(
      new Option('--validate <boolean>', 'false: print it although it is wrong; a block that is has no defaults')
        .choices(['true', 'false'])
        .default('true'),
    )
    .action(printConfig);
}

async function printConfig({ mode, format, validate, ...options }: PrintConfigOptions): Promise<void> {
  const result = await load(options);
  const { resolved, config } = result;
  const printed =
    resolved &&
    printedConfig(resolved, new Catalog(factories), { redact: mode !== 'unredacted', fill: mode !== 'initial' });
  const isUnknown = !printed || printed.incomplete;
  if (mode !== 'initial' || isUnknown) tell(result);
  if (isUnknown) throw refusal(result, 'what it says is not known.');
  if (mode !== 'initial' && validate === 'true' && !config) {
    throw refusal(result, 'nothing is printed. --validate=false prints it all the same.');
  }
  for (const block of printed.unfilled) say(`${block} is wrong: it is printed as it is written, without defaults.`);
  const { data } = printed;
  await written(process.stdout, format === 'json' ? `${jsonText(withoutBigints(data), 2)}\n` : yamlText(data));
}

/** JSON.stringify refuses integers beyond 2^53; whoever reads JSON mostly has no better number either. */
function withoutBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(withoutBigints);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigints(inner)]));
}
