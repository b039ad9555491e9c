import type { ReceiverFactory } from '../../component.ts';
import { check, config, type IntercomConfig } from './config.ts';
import { decoder } from './decode.ts';
import { entryOf } from './entry.ts';
import { IntercomReceiver } from './intercom.ts';
import { mentions } from './mentions.ts';
import { topicOf } from './topic.ts';

export const factory: ReceiverFactory<IntercomConfig> = {
  kind: 'receiver',
  type: 'intercom',
  stability: 'beta',
  summary: 'Webhooks of Intercom apps: verified, stored durably, then answered 200.',
  config,
  check,
  dedup: ({ dedup }) => ({ windowMs: dedup.window, maxIds: dedup.max_ids }),
  create: (settings, context) => new IntercomReceiver(settings, context),
  decoder,
  entryOf,
  mentions,
  topicOf,
};
