import type { ExporterFactory } from '../../component.ts';
import { retryOnFailure, sendingPolicy } from '../../config/blocks/delivery.ts';
import { config, type DebugConfig } from './config.ts';
import { checkDebug, createDebug } from './debug.ts';

export const factory: ExporterFactory<DebugConfig> = {
  kind: 'exporter',
  type: 'debug',
  stability: 'beta',
  summary: 'Prints records for debugging, as the Collector prints them.',
  config,
  check: checkDebug,
  policy: (settings) =>
    sendingPolicy(settings.sending_queue, retryOnFailure.parse({}), {
      maxBytes: Number.MAX_SAFE_INTEGER,
      timeoutMs: 0,
    }),
  create: (settings, context) => createDebug(settings, context),
};
