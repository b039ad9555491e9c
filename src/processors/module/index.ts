import type { ProcessorFactory } from '../../component.ts';
import { config, type ModuleConfig } from './config.ts';
import { createModuleProcessor } from './module.ts';

export const factory: ProcessorFactory<ModuleConfig> = {
  kind: 'processor',
  type: 'module',
  stability: 'alpha',
  summary: 'Runs a processor written for the OpenTelemetry JS SDK, or a function, from a file or a package.',
  config,
  runsCode: true,
  create: createModuleProcessor,
};
