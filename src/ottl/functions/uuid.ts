import { randomBytes, randomUUID } from 'node:crypto';
import { defineFunction } from '../function.ts';

const SHAPE = '^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$';

export const uuid = defineFunction({
  name: 'UUID',
  kind: 'converter',
  parameters: {},
  summary: 'A random UUID, of version 4.',
  example: {
    statement: `set(log.attributes["ok"], IsMatch(UUID(), "${SHAPE}"))`,
    after: { attributes: { ok: true } },
  },
  create: () => () => randomUUID(),
});

export const uuidV7 = defineFunction({
  name: 'UUIDv7',
  kind: 'converter',
  parameters: {},
  summary: 'A UUID of version 7: later ones sort behind earlier ones.',
  example: {
    statement: `set(log.attributes["ok"], IsMatch(UUIDv7(), "${SHAPE}"))`,
    after: { attributes: { ok: true } },
  },
  create: (_, { clock }) => {
    let last = 0n;
    return () => {
      // Milliseconds, then their 4096th parts, which are counted on where the clock stands still.
      const now = BigInt(Math.floor(clock.now() * 4096));
      last = now > last ? now : last + 1n;
      const time = (last >> 12n).toString(16).padStart(12, '0').slice(-12);
      const part = (last & 0xfffn).toString(16).padStart(3, '0');
      const bytes = randomBytes(8);
      bytes[0] = ((bytes[0] as number) & 0x3f) | 0x80;
      const tail = bytes.toString('hex');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${part}-${tail.slice(0, 4)}-${tail.slice(4)}`;
    };
  },
});
