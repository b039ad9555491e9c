import type { AnyFactory } from '../component.ts';
import { SCHEMES } from '../config/references.ts';
import { factories } from '../registry.ts';
import { Command } from './options.ts';
import { packageName, version } from './package.ts';
import { printJson, yamlText } from './printing.ts';

export function componentsCommand(): Command {
  return new Command('components')
    .description("Lists the components in this build, in the form of the Collector's command of this name.")
    .option('--json', 'as JSON instead of YAML')
    .action((options: { json?: boolean }) => {
      const list = {
        buildinfo: { command: packageName, description: 'Intercom webhooks to OpenTelemetry logs', version },
        receivers: describe('receiver'),
        processors: describe('processor'),
        exporters: describe('exporter'),
        connectors: describe('connector'),
        extensions: describe('extension'),
        providers: SCHEMES.map((scheme) => ({ scheme, module: module('config') })),
        converters: [],
      };
      if (options.json) printJson(list);
      else process.stdout.write(yamlText(list));
    });
}

/** The Collector names the Go module and its version; here all is one package, so its folder is named as well. */
const module = (folder: string) => `${packageName}/${folder} ${version}`;

/** For what a component is as stable as it says, where that is not the one signal there is. */
const STABLE_FOR: Readonly<Partial<Record<AnyFactory['kind'], string>>> = {
  connector: 'logs-to-logs',
  extension: 'extension',
};

function describe(kind: AnyFactory['kind']) {
  return factories
    .filter((factory) => factory.kind === kind)
    .sort((a, b) => a.type.localeCompare(b.type))
    .map(({ type, aliases, stability, summary }) => ({
      name: type,
      ...(aliases && { aliases: [...aliases] }),
      module: module(`${kind}s/${type}`),
      stability: { [STABLE_FOR[kind] ?? 'logs']: stability[0]?.toUpperCase() + stability.slice(1) },
      summary,
    }));
}
