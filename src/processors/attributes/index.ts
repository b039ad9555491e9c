import type { ProcessorFactory } from '../../component.ts';
import { createAttributesProcessor } from './attributes.ts';
import { type AttributesConfig, config } from './config.ts';

export const factory: ProcessorFactory<AttributesConfig> = {
  kind: 'processor',
  type: 'attributes',
  stability: 'alpha',
  summary: 'Adds, changes, removes and hashes attributes of log records.',
  config,
  create: (settings, _context, next) => createAttributesProcessor(settings, next),
};
