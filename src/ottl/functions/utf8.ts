/** Whether the byte there continues a character, so that a cut before it would break the character. */
export function isInsideCharacter(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xc0) === 0x80;
}
