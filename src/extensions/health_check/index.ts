import type { ExtensionFactory } from '../../component.ts';
import { check, config, type HealthCheckConfig } from './config.ts';
import { HealthCheck } from './health-check.ts';

export const factory: ExtensionFactory<HealthCheckConfig> = {
  kind: 'extension',
  type: 'health_check',
  stability: 'alpha',
  summary: 'Tells orchestrators whether the door is open, and people how the deliveries are.',
  config,
  check,
  create: (settings, context) => new HealthCheck(settings, context),
};
