import type { ProcessorFactory } from '../../component.ts';
import { type BatchConfig, config } from './config.ts';

/** A delivery acknowledges what its backend has taken: batches held in a processor would only be another place to lose them. */
export const factory: ProcessorFactory<BatchConfig> = {
  kind: 'processor',
  type: 'batch',
  stability: 'stable',
  summary: 'Accepted for Collector files: the exporters batch by themselves, with sending_queue::batch.',
  config,
  check: () => [
    {
      severity: 'note',
      path: [],
      message: 'passes records through: each exporter batches by itself, what is durably stored before',
      suggestion: 'size and time of batches are set at the exporters, under sending_queue::batch',
    },
  ],
  create: (_settings, _context, next) => next,
};
