import type { ExporterFactory } from '../../component.ts';
import { retryOnFailure, sendingPolicy, sendingQueue } from '../../config/blocks/delivery.ts';
import { config, type NopConfig } from './config.ts';
import { createNop } from './nop.ts';

export const factory: ExporterFactory<NopConfig> = {
  kind: 'exporter',
  type: 'nop',
  stability: 'beta',
  summary: 'Takes every record and does nothing with it.',
  config,
  policy: () =>
    sendingPolicy(sendingQueue.parse({}), retryOnFailure.parse({}), {
      maxBytes: Number.MAX_SAFE_INTEGER,
      timeoutMs: 0,
    }),
  create: () => createNop(),
};
