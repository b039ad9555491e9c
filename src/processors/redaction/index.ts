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
  check: ({ allow_all_keys: all, allowed_keys: keys }) =>
    all || keys.length > 0
      ? []
      : [
          {
            severity: 'warning',
            path: [],
            message: 'removes every attribute, and everything from bodies that are maps: no key is allowed',
            suggestion: 'write allow_all_keys: true, or list the keys that are kept in allowed_keys',
          },
        ],
  create: (settings, _context, next) => createRedactionProcessor(settings, next),
};
