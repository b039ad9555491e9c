import type { ExtensionFactory } from '../../component.ts';
import { createBasicAuth } from './basic-auth.ts';
import { type BasicAuthConfig, check, config } from './config.ts';

export const factory: ExtensionFactory<BasicAuthConfig> = {
  kind: 'extension',
  type: 'basicauth',
  aliases: ['basic_auth'],
  stability: 'beta',
  summary: 'User and password: sent by exporters, or asked for by servers.',
  config,
  check,
  authenticates: ({ htpasswd }) => [htpasswd ? 'server' : 'client'],
  create: createBasicAuth,
};
