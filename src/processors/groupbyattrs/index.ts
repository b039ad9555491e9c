import type { ProcessorFactory } from '../../component.ts';
import { config, type GroupByAttrsConfig } from './config.ts';
import { createGroupByAttrsProcessor } from './groupbyattrs.ts';

export const factory: ProcessorFactory<GroupByAttrsConfig> = {
  kind: 'processor',
  type: 'groupbyattrs',
  stability: 'beta',
  summary: 'Moves attributes of records to their resource, and puts records of equal resources together.',
  config,
  create: (settings, _context, next) => createGroupByAttrsProcessor(settings, next),
};
