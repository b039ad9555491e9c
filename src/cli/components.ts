import { stringify } from 'yaml';
import type { AnyFactory } from '../component.ts';
import { factories } from '../registry.ts';
import { Command } from './options.ts';
import { version } from './package.ts';

export function componentsCommand(): Command {
  return new Command('components')
    .description('Lists the components in this build.')
    .option('--json', 'as JSON instead of YAML')
    .action((options: { json?: boolean }) => {
      const list = {
        buildinfo: { command: 'intercom-otel-agent', description: 'Intercom webhooks to OpenTelemetry logs', version },
        receivers: describe('receiver'),
        processors: describe('processor'),
        exporters: describe('exporter'),
        extensions: describe('extension'),
      };
      process.stdout.write(options.json ? `${JSON.stringify(list, null, 2)}\n` : stringify(list));
    });
}

function describe(kind: AnyFactory['kind']) {
  return factories
    .filter((factory) => factory.kind === kind)
    .sort((a, b) => a.type.localeCompare(b.type))
    .map(({ type, aliases, stability, summary }) => ({
      name: type,
      ...(aliases && { aliases: [...aliases] }),
      stability: { logs: stability },
      summary,
    }));
}
