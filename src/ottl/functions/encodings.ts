/** Base64 and character sets. */
import { BASE64_VARIANTS, Base64Error, decodeBase64, encodeBase64 } from '../charset/base64.ts';
import { type Decoder, decoderOf } from '../charset/decoder.ts';
import { OttlError, within } from '../error.ts';
import { defineFunction } from '../function.ts';
import { mapped } from '../getter.ts';
import { any, optional, string } from '../parameter.ts';
import { kindName } from '../value.ts';

export const base64Decode = defineFunction({
  name: 'Base64Decode',
  kind: 'converter',
  parameters: { target: string },
  summary: 'The text that is encoded in base64; `Decode` knows more encodings.',
  example: {
    statement: 'set(log.body, Base64Decode(log.body))',
    before: { body: 'aGVsbG8=' },
    after: { body: 'hello' },
  },
  create({ target }) {
    const decoder = fromBase64('base64', '');
    return (context) => decoder(Buffer.from(target(context), 'utf8'));
  },
});

export const base64Encode = defineFunction({
  name: 'Base64Encode',
  kind: 'converter',
  parameters: { target: string, variant: optional(string, '"base64"') },
  summary:
    'The text in base64: with "base64-raw" without padding, with "base64-url" or "base64-raw-url" safe in addresses.',
  example: {
    statement: 'set(log.body, Base64Encode(log.body, "base64-raw"))',
    before: { body: 'hello' },
    after: { body: 'aGVsbG8' },
  },
  create:
    ({ target, variant }) =>
    (context) => {
      const text = target(context);
      const name = variant ? within('failed to get base64 variant: ', () => variant(context)) : 'base64';
      const encoding = Object.hasOwn(BASE64_VARIANTS, name) ? BASE64_VARIANTS[name] : undefined;
      if (!encoding) throw new OttlError(`unsupported base64 variant: ${name}`);
      return encodeBase64(Buffer.from(text, 'utf8'), encoding);
    },
});

/** How many encodings are kept that records name. */
const KEPT = 50;

export const decode = defineFunction({
  name: 'Decode',
  kind: 'converter',
  parameters: { target: any, encoding: string },
  summary: 'The text that bytes, or the bytes of a text, stand for: in base64 and its variants or in a character set.',
  example: {
    statement: 'set(log.body, Decode(log.body, "base64"))',
    before: { body: 'aGVsbG8=' },
    after: { body: 'hello' },
  },
  create({ target, encoding }) {
    const known = new Map<string, Decoder>();
    const decoderFor = mapped(encoding, (name) => {
      const decoder = known.get(name) ?? encodingDecoder(name);
      if (known.size < KEPT) known.set(name, decoder);
      return decoder;
    });
    return (context) => {
      const value = target(context);
      const decoder = decoderFor(context);
      if (value instanceof Uint8Array) return decoder(value);
      if (typeof value === 'string') return decoder(Buffer.from(value, 'utf8'));
      const type = value === undefined ? '<nil>' : kindName(value);
      throw new OttlError(`unsupported type provided to Decode function: ${type}`);
    };
  },
});

function encodingDecoder(name: string): Decoder {
  if (Object.hasOwn(BASE64_VARIANTS, name)) return fromBase64(name, 'could not decode: ');
  const decoder = decoderOf(name);
  if (!decoder) throw new OttlError(`unsupported encoding '${name}'`);
  return decoder;
}

function fromBase64(name: string, prefix: string): Decoder {
  const variant = BASE64_VARIANTS[name] as (typeof BASE64_VARIANTS)[string];
  return (bytes) => {
    try {
      return decodeBase64(bytes, variant).toString('utf8');
    } catch (error) {
      if (error instanceof Base64Error) throw new OttlError(`${prefix}${error.message}`);
      throw error;
    }
  };
}
