import { type ConfigurationOptions, requireConfig } from './configuration.ts';
import { targets } from './integrations.ts';
import { Command, withConfig } from './options.ts';

export function urlsCommand(): Command {
  return withConfig(new Command('urls'))
    .description(
      'Prints the URL of each integration, ready to paste into Intercom. Whoever knows a URL still needs the secret.',
    )
    .option('--json', 'as JSON')
    .action(printUrls);
}

async function printUrls(options: ConfigurationOptions & { json?: boolean }): Promise<void> {
  const found = await targets(await requireConfig(options));
  if (options.json) {
    const list = found.map(({ receiver, integration, url }) => ({ receiver, integration: integration.name, url }));
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  const width = Math.max(...found.map(({ integration }) => integration.name.length));
  for (const { integration, url } of found) process.stdout.write(`${integration.name.padEnd(width)}  ${url}\n`);
  if (found.some(({ config }) => !config.public_url)) {
    process.stderr.write(
      'These are addresses of this machine: set receivers::intercom::public_url to the HTTPS address that Intercom reaches.\n',
    );
  }
}
