import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Option } from 'commander';
import { CommandError, EXIT } from './exit.ts';
import { Command } from './options.ts';
import { packageName } from './package.ts';
import {
  DEFAULTS,
  DESTINATIONS,
  type Destination,
  startingConfiguration,
  variables,
  type Wishes,
} from './starting-configuration.ts';

interface InitOptions {
  readonly to?: Destination;
  readonly application?: string;
  readonly subsystem?: string;
  readonly domain?: string;
  readonly endpoint?: string;
  readonly publicUrl?: string;
  readonly output: string;
  readonly force?: boolean;
}

export function initCommand(): Command {
  return new Command('init')
    .description(
      'Writes a commented configuration to begin with. Asks what it has to know, or takes it from the options.',
    )
    .addOption(
      new Option(
        '--to <backend>',
        'coralogix; otlp: any OTLP backend; several: both; collector: a Collector behind the agent',
      ).choices(DESTINATIONS),
    )
    .option('--application <name>', 'application that the events belong to')
    .option('--subsystem <name>', 'subsystem that the events belong to')
    .option('--domain <domain>', `Coralogix domain, such as ${DEFAULTS.domain}`)
    .option('--endpoint <url>', 'URL of the OTLP backend or Collector, without /v1/logs')
    .option('--public-url <url>', 'HTTPS address at which Intercom reaches this agent')
    .option('-o, --output <file>', 'where to write it; - is stdout', 'agent.yaml')
    .option('--force', 'overwrite the file')
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const wishes = options.to === undefined ? await ask(options) : complete(options, options.to);
  const yaml = startingConfiguration(wishes);
  if (options.output === '-') {
    process.stdout.write(yaml);
    return;
  }
  await writeFile(options.output, yaml, { flag: options.force ? 'w' : 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === 'EEXIST' ? 'it exists: --force overwrites it, --output names another' : String(error.code);
    throw new CommandError(`${options.output} was not written: ${reason}`, EXIT.usage);
  });
  process.stderr.write(
    `${options.output} is written. Set ${variables(wishes).join(', ')} and run\n` +
      `  ${packageName} validate --config ${options.output}\n` +
      `  ${packageName} run --config ${options.output}\n`,
  );
}

function complete(options: InitOptions, to: Destination): Wishes {
  const { application = DEFAULTS.application, subsystem = DEFAULTS.subsystem, domain = DEFAULTS.domain } = options;
  const endpoint = options.endpoint ?? (to === 'coralogix' ? '' : DEFAULTS.endpoints[to]);
  return { to, application, subsystem, domain, endpoint, ...(options.publicUrl && { publicUrl: options.publicUrl }) };
}

/** @throws {CommandError} where nobody is there to answer */
async function ask(options: InitOptions): Promise<Wishes> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CommandError(`--to is needed where nobody can be asked: one of ${DESTINATIONS.join(', ')}`, EXIT.usage);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const question = async (text: string, preset: string) =>
    (await lines.question(`${text} [${preset}]: `)).trim() || preset;
  try {
    let to: Destination | undefined;
    while (to === undefined) {
      const answer = await question(`Where do the events go? ${DESTINATIONS.join(', ')}`, 'coralogix');
      to = DESTINATIONS.find((one) => one === answer);
    }
    const known = complete(options, to);
    const application = options.application ?? (await question('Application', known.application));
    const subsystem = options.subsystem ?? (await question('Subsystem', known.subsystem));
    const usesCoralogix = to === 'coralogix' || to === 'several';
    const domain = usesCoralogix && !options.domain ? await question('Coralogix domain', known.domain) : known.domain;
    const usesOtlp = to !== 'coralogix' && !options.endpoint;
    const endpoint = usesOtlp ? await question('OTLP endpoint', known.endpoint) : known.endpoint;
    return { ...known, application, subsystem, domain, endpoint };
  } finally {
    lines.close();
  }
}
