/** Hashes of texts: those of the same bytes are the same as everywhere. */
import { createHash } from 'node:crypto';
import { int } from '../../record/value.ts';
import { defineFunction } from '../function.ts';
import { fnv1a64 } from '../hash/fnv.ts';
import { murmur3Hash32, murmur3Hash128 } from '../hash/murmur3.ts';
import { xxh3Hash64, xxh3Hash128 } from '../hash/xxh3.ts';
import { string } from '../parameter.ts';

function hashFunction(name: string, article: string, hash: (input: Buffer) => Buffer) {
  return defineFunction({
    name,
    kind: 'converter',
    parameters: { target: string },
    summary: `The ${article} hash of a text, in hexadecimal.`,
    example: {
      statement: `set(log.attributes["hash"], ${name}(log.body))`,
      before: { body: 'ada' },
      after: { attributes: { hash: hash(Buffer.from('ada')).toString('hex') } },
    },
    create:
      ({ target }) =>
      (context) =>
        hash(Buffer.from(target(context), 'utf8')).toString('hex'),
  });
}

function digest(algorithm: string): (input: Buffer) => Buffer {
  return (input) => createHash(algorithm).update(input).digest();
}

export const fnv = defineFunction({
  name: 'FNV',
  kind: 'converter',
  parameters: { target: string },
  summary: 'The FNV-1a hash of a text, as an integer of 64 bits.',
  example: {
    statement: 'set(log.attributes["hash"], FNV(log.body))',
    before: { body: '' },
    after: { attributes: { hash: -3750763034362895579n } },
  },
  create:
    ({ target }) =>
    (context) =>
      int(fnv1a64(Buffer.from(target(context), 'utf8'))),
});

export const md5 = hashFunction('MD5', 'MD5', digest('md5'));
export const murmur3Hash = hashFunction('Murmur3Hash', 'MurmurHash3', murmur3Hash32);
export const murmur3Hash128Function = hashFunction('Murmur3Hash128', '128-bit MurmurHash3', murmur3Hash128);
export const sha1 = hashFunction('SHA1', 'SHA-1', digest('sha1'));
export const sha256 = hashFunction('SHA256', 'SHA-256', digest('sha256'));
export const sha512 = hashFunction('SHA512', 'SHA-512', digest('sha512'));
export const xxh128 = hashFunction('XXH128', '128-bit XXH3', xxh3Hash128);
export const xxh3 = hashFunction('XXH3', '64-bit XXH3', xxh3Hash64);
