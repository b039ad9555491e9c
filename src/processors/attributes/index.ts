import type { ProcessorFactory } from '../../component.ts';
import { contextRemarks } from '../attribute-actions/remarks.ts';
import { createAttributesProcessor } from './attributes.ts';
import { type AttributesConfig, config } from './config.ts';

export const factory: ProcessorFactory<AttributesConfig> = {
  kind: 'processor',
  type: 'attributes',
  stability: 'beta',
  summary: 'Adds, changes, removes, hashes, extracts and converts attributes of log records.',
  config,
  check: ({ actions }) => contextRemarks('actions', actions),
  create: (settings, _context, next) => createAttributesProcessor(settings, next),
};
