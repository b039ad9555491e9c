import { createHash, createHmac } from 'node:crypto';
import type { RedactionConfig } from './config.ts';

/** What stands instead of a text that must not be seen. */
export type Mask = (text: string) => string;

const HASHES = { md5: 'md5', sha1: 'sha1', sha3: 'sha3-256' } as const;
const HMACS = { 'hmac-sha256': 'sha256', 'hmac-sha512': 'sha512' } as const;

export function maskOf({ hash_function: name, hmac_key: key }: RedactionConfig): Mask {
  switch (name) {
    case '':
      return () => '****';
    case 'hmac-sha256':
    case 'hmac-sha512': {
      const bytes = key?.reveal() ?? '';
      return (text) => createHmac(HMACS[name], bytes).update(text).digest('hex');
    }
    default:
      return (text) => createHash(HASHES[name]).update(text).digest('hex');
  }
}
