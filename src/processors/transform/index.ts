import type { ProcessorFactory } from '../../component.ts';
import { config, type TransformConfig } from './config.ts';
import { checkTransform, createTransformProcessor } from './transform.ts';

export const factory: ProcessorFactory<TransformConfig> = {
  kind: 'processor',
  type: 'transform',
  stability: 'alpha',
  summary: 'Changes records, scopes and resources by statements in OTTL, the OpenTelemetry Transformation Language.',
  config,
  check: checkTransform,
  create: createTransformProcessor,
};
