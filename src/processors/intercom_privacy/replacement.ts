import { createHmac } from 'node:crypto';
import { plainText } from '../../intercom/plain-text.ts';
import type { Value } from '../../record/value.ts';
import { textOf } from '../../record/value-text.ts';
import type { IntercomPrivacyConfig } from './config.ts';
import { fold } from './fold.ts';

/** The key goes with its value. */
export const REMOVED = Symbol('removed');

/** What a part of a text is. */
export type SpanKind = 'email' | 'phone' | 'ip' | 'card' | 'iban' | 'link' | 'name' | 'text';

/** What stands instead of what does not leave. */
export interface Replacement {
  /** Instead of a whole value. */
  whole(value: Value): Value | typeof REMOVED;
  /** Within a text that stays. */
  span(text: string, kind: SpanKind): string;
}

/** Characters of a hash, in hex: 128 bits. */
const HASH_LENGTH = 32;

export function replacementOf({ replace_with, hmac_key }: IntercomPrivacyConfig): Replacement {
  const named = (_: string, kind: SpanKind) => `[${kind}]`;
  switch (replace_with) {
    case 'remove':
      return { whole: () => REMOVED, span: named };
    case 'mask':
      return { whole: () => '****', span: named };
    case 'hash': {
      const key = hmac_key?.reveal() ?? '';
      const hash = (text: string) =>
        createHmac('sha256', key).update(canonical(text)).digest('hex').slice(0, HASH_LENGTH);
      return { whole: (value) => hash(textOf(value)), span: (text, kind) => `[${kind}:${hash(text)}]` };
    }
  }
}

/** One person, one hash: whatever the case and the accents of a name, and however a telephone number is grouped. */
function canonical(text: string): string {
  const trimmed = text.trim();
  return digitsOfPhone(trimmed) ?? fold(plainText(trimmed));
}

/** The digits of a text that is nothing but a telephone number. */
export function digitsOfPhone(text: string): string | undefined {
  if (text.length > 40 || !/^(?:\+|00)?[\d\s().\-/\u00a0]+$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '').replace(/^00/, '');
  return digits.length >= 7 ? digits : undefined;
}
