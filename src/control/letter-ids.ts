import { createHash } from 'node:crypto';
import type { LetterKey } from '../journal/dead-letters.ts';

/**
 * Names a letter in commands: 10 hexadecimal digits for the delivery, `-`, the position. It stays the same for as long as
 * the delivery keeps its name. Nothing is stored: `letterIds` is asked for each letter there is.
 */
export function letterIds(): (key: LetterKey) => string {
  const prefixes = new Map<string, string>();
  return ({ delivery, position }) => {
    let prefix = prefixes.get(delivery);
    if (prefix === undefined) {
      prefix = createHash('sha256').update(delivery).digest('hex').slice(0, 10);
      prefixes.set(delivery, prefix);
    }
    return `${prefix}-${position}`;
  };
}
