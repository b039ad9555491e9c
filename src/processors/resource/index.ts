import type { ProcessorFactory } from '../../component.ts';
import { contextRemarks } from '../attribute-actions/remarks.ts';
import { config, type ResourceConfig } from './config.ts';
import { createResourceProcessor } from './resource.ts';

export const factory: ProcessorFactory<ResourceConfig> = {
  kind: 'processor',
  type: 'resource',
  stability: 'beta',
  summary: 'Adds, changes, removes, hashes, extracts and converts attributes of resources.',
  config,
  check: ({ attributes }) => contextRemarks('attributes', attributes),
  create: (settings, _context, next) => createResourceProcessor(settings, next),
};
