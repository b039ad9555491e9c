import { z } from 'zod';
import { Secret } from '../../config/secret.ts';
import {
  type PersonalClass,
  type PrivacyLevel,
  personalClasses,
  privacyLevels,
} from '../../intercom/convention/privacy.ts';
import { isPlacePattern } from './keep.ts';

const LEVELS = Object.keys(privacyLevels) as [PrivacyLevel, ...PrivacyLevel[]];
/** Bytes that a key has at least. */
const KEY_BYTES = 32;

const settings = z.strictObject({
  level: z
    .enum(LEVELS)
    .default('no_content')
    .describe(
      'What leaves. `ids`: ids, counts, times and words of Intercom alone. `no_content`: names of kinds and coarse traits (country, browser) too. `no_contact_data`: also what people wrote, with persons masked in it. `off`: everything.',
    ),
  replace_with: z
    .enum(['remove', 'mask', 'hash'])
    .default('remove')
    .describe(
      'What becomes of a value that does not leave. `remove`: it goes with its key. `mask`: `****` stands there. `hash`: its HMAC-SHA256, so that equal values can still be counted and joined. Within a text that stays, `[email]` and its like.',
    ),
  hmac_key: z
    .string()
    .transform((value) => (value === '' ? undefined : new Secret(value)))
    .prefault('')
    .meta({ format: 'secret' })
    .describe('Key of `hash`, 32 bytes at least. With another key the hashes are others.'),
  keep: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'What stays as it is, whatever the level: classes (`thing`, `trait`, ...), or places such as `tags[].name`, `source.subject`, `custom_attributes.plan`, `attributes["user.id"]`. A place is the end of a path; what is below it stays too. A field that is called like a class is written `["contact"]`.',
    ),
});

export type IntercomPrivacyConfig = z.output<typeof settings>;

export const config = settings.superRefine(({ replace_with, hmac_key: key, keep }, context) => {
  const refuse = (path: (string | number)[], message: string, suggestion?: string) =>
    context.addIssue({ code: 'custom', path, message, ...(suggestion && { params: { suggestion } }) });
  const bytes = Buffer.byteLength(key?.reveal() ?? '');
  if (replace_with === 'hash' && bytes < KEY_BYTES)
    refuse(
      ['hmac_key'],
      `hash needs a key of ${KEY_BYTES} bytes at least, got ${bytes}`,
      'take it from the environment or a file',
    );
  for (const [index, entry] of keep.entries())
    if (!isClass(entry) && (!isPlacePattern(entry) || isClass(entry.toLowerCase())))
      refuse(
        ['keep', index],
        `${JSON.stringify(entry)} is neither a class nor a place`,
        `a class (${Object.keys(personalClasses).join(', ')}) or a place such as tags[].name; a key that is no plain word is written ["..."]`,
      );
});

export function isClass(text: string): text is PersonalClass {
  return Object.hasOwn(personalClasses, text);
}
