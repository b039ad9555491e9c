/** What characters and names XML allows. */

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

/** Of what stands between `&` and `;`; undefined where that is nothing. */
export function entityOrCharacter(name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const digits = name.startsWith('#x') ? name.slice(2) : name.slice(1);
  if (digits === '' || digits.length > 20) return undefined;
  const code = Number.parseInt(digits, name.startsWith('#x') ? 16 : 10);
  if (code > 0x10ffff) return undefined;
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const ILLEGAL = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** The code of a character that no XML may have. */
export function firstIllegal(text: string): number | undefined {
  return ILLEGAL.exec(text)?.[0].charCodeAt(0);
}

export function isXmlName(name: string): boolean {
  return /^[\p{L}\p{Nl}_:][\p{L}\p{Nl}\p{M}\p{Nd}._:\u00b7-]*$/u.test(name);
}
