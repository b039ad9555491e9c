import type { ProcessorFactory } from '../../component.ts';
import { checkFilter } from './check.ts';
import { config, type FilterConfig } from './config.ts';
import { createFilterProcessor } from './filter.ts';

export const factory: ProcessorFactory<FilterConfig> = {
  kind: 'processor',
  type: 'filter',
  stability: 'alpha',
  summary: 'Drops records by conditions in OTTL, the OpenTelemetry Transformation Language.',
  config,
  check: checkFilter,
  create: createFilterProcessor,
};
