import type { ProcessorFactory } from '../../component.ts';
import { config, type RedactionConfig } from './config.ts';
import { createRedactionProcessor } from './redaction.ts';

export const factory: ProcessorFactory<RedactionConfig> = {
  kind: 'processor',
  type: 'redaction',
  stability: 'beta',
  summary:
    'Removes attributes that are not allowed, and masks or hashes what must not be seen in attributes and bodies.',
  config,
  create: (settings, _context, next) => createRedactionProcessor(settings, next),
};
