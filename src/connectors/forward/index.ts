import type { ConnectorFactory } from '../../component.ts';
import { config, type ForwardConfig } from './config.ts';

export const factory: ConnectorFactory<ForwardConfig> = {
  kind: 'connector',
  type: 'forward',
  stability: 'beta',
  summary: 'Joins pipelines: what leaves one of them enters others.',
  config,
};
