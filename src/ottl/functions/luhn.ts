import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { stringLike } from '../parameter.ts';

export const isValidLuhn = defineFunction({
  name: 'IsValidLuhn',
  kind: 'converter',
  parameters: { target: stringLike },
  summary: 'Whether the last digit is the right check digit of the others by the Luhn algorithm; spaces are skipped.',
  example: {
    statement: 'set(log.attributes["card"], IsValidLuhn(log.body))',
    before: { body: '4111 1111 1111 1111' },
    after: { attributes: { card: true } },
  },
  create:
    ({ target }) =>
    (context) => {
      const text = target(context);
      if (text === undefined) throw new OttlError('invalid input: <nil>');
      const bytes = Buffer.from(text.replaceAll(' ', ''), 'utf8');
      if (bytes.length === 0) return false;
      let sum = 0;
      for (let i = bytes.length - 1; i >= 0; i--) {
        const digit = digitOf(bytes[i] as number);
        const isDoubled = (bytes.length - i) % 2 === 0;
        sum += isDoubled ? 2 * digit - (digit > 4 ? 9 : 0) : digit;
      }
      return sum % 10 === 0;
    },
});

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  throw new OttlError(`strconv.Atoi: parsing ${JSON.stringify(String.fromCharCode(byte))}: invalid syntax`);
}
