import type { ProcessorFactory } from '../../component.ts';
import { config, type MemoryLimiterConfig } from './config.ts';

/** Memory does not grow with what is waiting: that is in the journal, and deliveries read it piece by piece. */
export const factory: ProcessorFactory<MemoryLimiterConfig> = {
  kind: 'processor',
  type: 'memory_limiter',
  stability: 'stable',
  summary: 'Accepted for Collector files: memory is bounded without it.',
  config,
  check: () => [
    {
      severity: 'note',
      path: [],
      message: 'has no effect: records wait on disk and not in memory, which is bounded without it',
    },
  ],
  create: (_settings, _context, next) => next,
};
