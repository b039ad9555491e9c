import { z } from 'zod';
import { Secret } from '../../config/secret.ts';
import { RegexError } from '../../regex/regex.ts';
import { compilePatterns } from './patterns.ts';

const HASHES = ['sha1', 'sha3', 'md5', 'hmac-sha256', 'hmac-sha512'] as const;

/** Bytes that the key of each must have. */
const KEY_BYTES = { 'hmac-sha256': 32, 'hmac-sha512': 64 } as const;

const texts = (description: string) => z.array(z.string()).default([]).describe(description);

const hashFunction = z
  .string()
  .default('')
  .transform((value, context) => {
    const name = value.toLowerCase();
    const found = ([...HASHES, ''] as const).find((known) => known === name);
    if (found !== undefined) return found;
    const allowed = `${HASHES.slice(0, -1).join(', ')} and ${HASHES.at(-1)}`;
    const message = `unknown HashFunction ${name}, allowed functions are ${allowed}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const refusedPart = {
  enabled: z.boolean().default(false).describe('true is refused: it is not supported.'),
  attributes: texts('Has no effect.'),
};

const sanitizeSpanName = z.boolean().nullable().optional().describe('Has no effect.');

const DATABASES = ['sql', 'redis', 'valkey', 'memcached', 'mongo', 'opensearch', 'es'] as const;

const database = z.strictObject(refusedPart).prefault({}).describe('Not supported.');

const settings = z.strictObject({
  allow_all_keys: z.boolean().default(false).describe('Keep attributes of any key; else those of allowed_keys alone.'),
  allowed_keys: texts('Keys of attributes and of maps in bodies that are kept. Empty without allow_all_keys: none is.'),
  ignored_keys: texts('Keys whose values are kept as they are, whatever the other settings say.'),
  ignored_key_patterns: texts('Regular expressions (RE2) for such keys.'),
  redact_all_types: z
    .boolean()
    .default(false)
    .describe('Values of attributes that are no texts are looked at too, as texts.'),
  blocked_key_patterns: texts('Regular expressions (RE2) for keys whose values are masked as a whole.'),
  blocked_values: texts('Regular expressions (RE2): what they match in values is masked.'),
  allowed_values: texts('Regular expressions (RE2): values that match one are not masked.'),
  hash_function: hashFunction.describe(
    'Instead of ****, a hash in lower-case hex: sha1, sha3 (SHA3-256), md5, hmac-sha256 or hmac-sha512.',
  ),
  hmac_key: z
    .string()
    .transform((value) => (value === '' ? undefined : new Secret(value)))
    .prefault('')
    .meta({ format: 'secret' })
    .describe('Key of hmac-sha256 (32 bytes at least) and hmac-sha512 (64 bytes at least).'),
  summary: z
    .string()
    .default('')
    .describe(
      'debug adds the keys and the number of what was removed, masked, allowed and ignored as redaction.* attributes, info the numbers. Anything else is silent.',
    ),
  url_sanitizer: z
    .strictObject({ ...refusedPart, sanitize_span_name: sanitizeSpanName })
    .prefault({})
    .describe('Not supported.'),
  db_sanitizer: z
    .strictObject({
      ...(Object.fromEntries(DATABASES.map((name) => [name, database])) as Record<
        (typeof DATABASES)[number],
        typeof database
      >),
      sanitize_span_name: sanitizeSpanName,
    })
    .prefault({})
    .describe('Not supported.'),
});

export type RedactionConfig = z.output<typeof settings>;

export const config = settings.superRefine((entry, context) => {
  const refuse = (path: string[], message: string, suggestion?: string) =>
    context.addIssue({ code: 'custom', path, message, ...(suggestion && { params: { suggestion } }) });
  const key = problemOfKey(entry);
  if (key) refuse(['hmac_key'], key);
  const pattern = problemOfPatterns(entry);
  if (pattern) refuse(pattern.path, pattern.message);
  const instead = 'mask what is secret with blocked_values, or blocked_key_patterns';
  if (entry.url_sanitizer.enabled)
    refuse(['url_sanitizer', 'enabled'], 'sanitizing URLs is not supported: it takes a trained classifier', instead);
  for (const name of DATABASES) {
    if (entry.db_sanitizer[name].enabled)
      refuse(['db_sanitizer', name, 'enabled'], `sanitizing queries (${name}) is not supported`, instead);
  }
});

function problemOfKey({ hash_function: name, hmac_key: key }: RedactionConfig): string | undefined {
  if (name !== 'hmac-sha256' && name !== 'hmac-sha512') return undefined;
  if (!key) return `hmac_key must not be empty when hash_function is "${name}"`;
  const [bytes, least] = [Buffer.byteLength(key.reveal()), KEY_BYTES[name]];
  return bytes < least ? `hmac_key must be at least ${least} bytes long for "${name}", got ${bytes} bytes` : undefined;
}

/** The lists of patterns, with what the Collector calls them, in the order in which it looks at them. */
const LISTS = [
  ['ignored_key_patterns', 'ignore keys list'],
  ['blocked_values', 'block list'],
  ['blocked_key_patterns', 'block keys list'],
  ['allowed_values', 'allow list'],
] as const;

function problemOfPatterns(entry: RedactionConfig): { path: string[]; message: string } | undefined {
  for (const [key, name] of LISTS) {
    try {
      compilePatterns(entry[key]);
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      const message = `failed to process ${name}: error compiling regex in list: ${error.message}`;
      return { path: [key], message };
    }
  }
  return undefined;
}
