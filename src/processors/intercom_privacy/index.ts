import type { ProcessorFactory } from '../../component.ts';
import { config, type IntercomPrivacyConfig } from './config.ts';
import { createIntercomPrivacyProcessor } from './intercom-privacy.ts';

export const factory: ProcessorFactory<IntercomPrivacyConfig> = {
  kind: 'processor',
  type: 'intercom_privacy',
  stability: 'beta',
  summary: 'Takes personal data out of Intercom notifications, wherever Intercom keeps it, at a level of your choice.',
  config,
  check: ({ level, replace_with, hmac_key, keep }) => [
    ...(level === 'off'
      ? [
          {
            severity: 'warning' as const,
            path: ['level'],
            message: 'off lets everything out: the processor does nothing',
          },
        ]
      : []),
    ...(hmac_key && replace_with !== 'hash'
      ? [
          {
            severity: 'warning' as const,
            path: ['hmac_key'],
            message: `has no effect with replace_with: ${replace_with}`,
          },
        ]
      : []),
    ...(keep.includes('contact')
      ? [
          {
            severity: 'warning' as const,
            path: ['keep', keep.indexOf('contact')],
            message: 'lets out who everybody is, in texts too; a field of that name is written ["contact"]',
          },
        ]
      : []),
    ...(keep.includes('unknown')
      ? [
          {
            severity: 'warning' as const,
            path: ['keep', keep.indexOf('unknown')],
            message: 'lets out whatever Intercom adds to its notifications before this release knows what it is',
          },
        ]
      : []),
  ],
  create: (settings, _context, next) => createIntercomPrivacyProcessor(settings, next),
};
