/** The character sets of IBM's large machines: the characters of ISO 8859-1 in another order. */

/** Of each byte, its character in ISO 8859-1. */
const IBM037 = Buffer.from(
  '000102039c09867f978d8e0b0c0d0e0f101112139d8508871819928f1c1d1e1f80818283840a171b88898a8b8c050607' +
    '909116939495960498999a9b14159e1a20a0e2e4e0e1e3e5e7f1a22e3c282b7c26e9eaebe8edeeefecdf21242a293bac' +
    '2d2fc2c4c0c1c3c5c7d1a62c255f3e3ff8c9cacbc8cdcecfcc603a2340273d22d8616263646566676869abbbf0fdfeb1' +
    'b06a6b6c6d6e6f707172aabae6b8c6a4b57e737475767778797aa1bfd0dddeae5ea3a5b7a9a7b6bcbdbe5b5dafa8b4d7' +
    '7b414243444546474849adf4f6f2f3f57d4a4b4c4d4e4f505152b9fbfcf9faff5cf7535455565758595ab2d4d6d2d3d5' +
    '30313233343536373839b3dbdcd9da9f',
  'hex',
);

/** Byte and character of what the others have elsewhere. */
const DIFFERENCES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  ibm037: [],
  ibm1047: [
    [0x5f, 0x5e],
    [0xad, 0x5b],
    [0xb0, 0xac],
    [0xba, 0xdd],
    [0xbb, 0xa8],
    [0xbd, 0x5d],
  ],
  ibm1140: [[0x9f, 0x20ac]],
};

/** undefined for any other name */
export function ebcdicDecoder(charset: string): ((bytes: Uint8Array) => string) | undefined {
  if (!Object.hasOwn(DIFFERENCES, charset)) return undefined;
  const table = Uint16Array.from(IBM037);
  for (const [byte, character] of DIFFERENCES[charset] ?? []) table[byte] = character;
  return (bytes) => {
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(table[byte] as number);
    return text;
  };
}
