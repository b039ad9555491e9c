import { configurationSchema } from '../config/json-schema.ts';
import { factories } from '../registry.ts';
import { Command } from './options.ts';
import { printJson } from './printing.ts';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Prints the JSON Schema of the configuration file, with which editors complete, explain and check it.')
    .action(() => printJson(configurationSchema(factories)));
}
