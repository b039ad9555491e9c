import { OttlError } from '../error.ts';
import { defineFunction } from '../function.ts';
import { int, literal, optional, string } from '../parameter.ts';
import { isInsideCharacter } from './utf8.ts';

export const substring = defineFunction({
  name: 'Substring',
  kind: 'converter',
  parameters: { target: string, start: int, length: int, utf8Safe: optional(literal.bool, 'false') },
  summary:
    'The part of a text that begins at an offset, both counted in bytes of UTF-8; with utf8Safe no character is cut in two.',
  example: {
    statement: 'set(log.attributes["day"], Substring(log.body, 0, 10))',
    before: { body: '2024-05-01T10:00:00Z' },
    after: { attributes: { day: '2024-05-01' } },
  },
  create:
    ({ target, start, length, utf8Safe = false }) =>
    (context) => {
      const from = start(context);
      if (from < 0) throw new OttlError(`invalid start for substring function, ${from} cannot be negative`);
      const count = length(context);
      if (count <= 0) throw new OttlError(`invalid length for substring function, ${count} cannot be negative or zero`);
      const bytes = Buffer.from(target(context), 'utf8');
      if (from > bytes.length || BigInt(from) + BigInt(count) > bytes.length) {
        throw new OttlError(
          `invalid range for substring function, start(${from})+length(${count}) cannot be greater than the length of target string(${bytes.length})`,
        );
      }
      let begin = Number(from);
      let end = begin + Number(count);
      if (utf8Safe) {
        while (isInsideCharacter(bytes, begin)) begin++;
        while (begin < end && isInsideCharacter(bytes, end)) end--;
      }
      return bytes.toString('utf8', begin, Math.max(begin, end));
    },
});
