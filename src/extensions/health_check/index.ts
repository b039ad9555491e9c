import type { ExtensionFactory } from '../../component.ts';
import { checkHttpServer } from '../../net/server-check.ts';
import { config, type HealthCheckConfig } from './config.ts';
import { HealthCheck } from './health-check.ts';

export const factory: ExtensionFactory<HealthCheckConfig> = {
  kind: 'extension',
  type: 'health_check',
  stability: 'alpha',
  summary: 'Tells orchestrators whether the door is open, and people how the deliveries are.',
  config,
  check: (settings) => checkHttpServer(settings),
  create: (settings, context) => new HealthCheck(settings, context),
};
