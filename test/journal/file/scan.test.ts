import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf, ENTRY, encodeFrame, frameBytes, type Salt } from '../../../src/journal/file/frame.ts';
import type { File } from '../../../src/journal/file/fs.ts';
import { scan } from '../../../src/journal/file/scan.ts';

const SALT: Salt = { seed: 0xfeedbeef, marker: 0x1badb002 };

function inMemory(bytes: Buffer): File {
  const unused = async () => assert.fail('a scan only reads');
  return {
    async read(target, offset) {
      return bytes.copy(target, 0, offset, Math.min(bytes.length, offset + target.length));
    },
    write: unused,
    writeNow: () => assert.fail('a scan only reads'),
    sync: unused,
    truncate: unused,
    size: async () => bytes.length,
    close: unused,
  };
}

interface Laid {
  readonly offset: number;
  readonly bytes: number;
  readonly body: Buffer;
}

/** Frames of positions 1, 2, ... with these bodies, from offset 0 on. */
function lay(bodies: readonly Uint8Array[]): { file: Buffer; frames: Laid[] } {
  const frames: Laid[] = [];
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [index, body] of bodies.entries()) {
    const frame = Buffer.alloc(frameBytes(2, body.length));
    const content = { kind: ENTRY, records: 1, more: false, receivedAt: 1, storedAt: 2, metadata: '{}', body };
    encodeFrame(frame, 0, offset, SALT, { ...content, position: index + 1 });
    parts.push(frame);
    frames.push({ offset, bytes: frame.length, body: Buffer.from(body) });
    offset += frame.length;
  }
  return { file: Buffer.concat(parts), frames };
}

async function scanAll(file: Buffer, end: number, chunkBytes: number) {
  const found = new Map<number, Buffer>();
  const lost: number[] = [];
  const place = await scan({
    file: inMemory(file),
    salt: SALT,
    from: { offset: 0, position: 1 },
    limit: file.length,
    end,
    chunkBytes,
    keep: true,
    frame: (frame) => {
      assert.ok(!found.has(frame.position));
      found.set(frame.position, bodyOf(frame));
      return true;
    },
    lost: (from, to) => {
      for (let position = from; position <= to; position++) lost.push(position);
    },
  });
  return { found, lost, place };
}

/** Bodies, some of which hold the marker and copies of whole frames. */
const bodies = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(Buffer.concat([Buffer.from([0x02, 0xb0, 0xad, 0x1b]), Buffer.alloc(40)])),
    fc
      .array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 5 })
      .map((inner) => lay([[], ...inner].map((body) => Uint8Array.from(body))).file),
  ),
  { minLength: 1, maxLength: 12 },
);
const chunk = fc.constantFrom(33, 100, 4096);

test('a scan finds every frame of a whole segment, whatever the size of its chunks', () =>
  fc.assert(
    fc.asyncProperty(bodies, chunk, async (content, chunkBytes) => {
      const { file, frames } = lay(content);
      const { found, lost, place } = await scanAll(file, content.length + 1, chunkBytes);
      assert.deepEqual(
        [...found.values()],
        frames.map(({ body }) => body),
      );
      assert.deepEqual([lost, place], [[], { offset: file.length, position: content.length + 1 }]);
    }),
  ));

test('damage costs exactly the frames that it touches', () =>
  fc.assert(
    fc.asyncProperty(
      bodies,
      chunk,
      fc.array(fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      async (content, chunkBytes, damages) => {
        const { file, frames } = lay(content);
        const original = Buffer.from(file);
        for (const { at, bytes } of damages) Buffer.from(bytes).copy(file, at % file.length);
        const isWhole = ({ offset, bytes }: Laid) =>
          file.subarray(offset, offset + bytes).equals(original.subarray(offset, offset + bytes));
        const { found, lost } = await scanAll(file, content.length + 1, chunkBytes);
        const expected = frames.flatMap((frame, index) => (isWhole(frame) ? [index + 1] : []));
        assert.deepEqual([...found.keys()], expected);
        for (const [position, body] of found) assert.ok(body.equals(frames[position - 1]?.body as Buffer));
        assert.deepEqual(
          [...lost, ...found.keys()].sort((a, b) => a - b),
          [...frames.keys()].map((index) => index + 1),
        );
      },
    ),
  ));

test('a torn end is no loss where nobody says how far the frames go', () =>
  fc.assert(
    fc.asyncProperty(bodies, chunk, fc.nat(), fc.nat({ max: 500 }), async (content, chunkBytes, cut, zeros) => {
      const { file, frames } = lay(content);
      const length = cut % (file.length + 1);
      const torn = Buffer.concat([file.subarray(0, length), Buffer.alloc(zeros)]);
      const { found, lost } = await scanAll(torn, Number.POSITIVE_INFINITY, chunkBytes);
      const isWhole = ({ offset, bytes }: Laid) =>
        torn.subarray(offset, offset + bytes).equals(file.subarray(offset, offset + bytes));
      assert.deepEqual(
        [...found.keys()],
        frames.flatMap((frame, index) => (isWhole(frame) ? [index + 1] : [])),
      );
      // A whole header whose body is not: the caller sees that nothing follows.
      assert.ok(lost.length <= 1);
    }),
  ));
