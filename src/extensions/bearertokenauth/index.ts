import type { ExtensionFactory } from '../../component.ts';
import { BearerTokenAuth } from './bearer-token-auth.ts';
import { type BearerTokenAuthConfig, check, config } from './config.ts';

export const factory: ExtensionFactory<BearerTokenAuthConfig> = {
  kind: 'extension',
  type: 'bearertokenauth',
  aliases: ['bearer_token_auth'],
  stability: 'beta',
  summary: 'A token in a header: sent by exporters, asked for by servers.',
  config,
  check,
  authenticates: () => ['client', 'server'],
  create: (settings, context) => new BearerTokenAuth(settings, context),
};
