import assert from 'node:assert/strict';
import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import zlib from 'node:zlib';
import type { Exporter } from '../../src/component.ts';
import type { FileSystem } from '../../src/exporters/file/append-file.ts';
import { createFile } from '../../src/exporters/file/file.ts';
import { pathFor } from '../../src/exporters/file/groups.ts';
import { factory } from '../../src/exporters/file/index.ts';
import { zstdAvailable } from '../../src/net/compression.ts';
import { resourceFromAttributes } from '../../src/otel.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { encodeLogsRequest } from '../../src/record/otlp/protobuf.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { context, never, parse, record } from './support.ts';

let directory: string;
const exporters: Exporter[] = [];

beforeEach(async () => {
  directory = await nodeFs.mkdtemp(join(tmpdir(), 'file-formats-'));
});

afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.shutdown(never);
  await nodeFs.rm(directory, { recursive: true });
});

async function start(name: string, block: object, fs: FileSystem = nodeFs): Promise<Exporter> {
  const path = join(directory, name);
  const exporter = createFile(parse(factory, { path, ...block }), context({ clock: new FakeClock() }), fs);
  exporters.push(exporter);
  await exporter.start();
  return exporter;
}

const send = (exporter: Exporter, ...records: LogRecord[]) => exporter.send({ records }, never);
const read = (name: string) => nodeFs.readFile(join(directory, name));
const files = async () => (await nodeFs.readdir(directory, { recursive: true })).sort();

/** What a reader of the Collector's files sees. */
function frames(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    assert(end <= bytes.length, 'a torn frame');
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

describe('a file of protobuf', () => {
  const [one, two] = [record({ eventName: 'a' }), record({ eventName: 'b' })];
  const encoded = (...records: LogRecord[]) => Buffer.from(encodeLogsRequest(records, {}));

  it('has each batch behind its length, as the Collector writes it', async () => {
    const exporter = await start('events.pb', { format: 'proto' });
    assert.deepEqual(await send(exporter, one, two), { kind: 'delivered' });
    await send(exporter, one);
    assert.deepEqual(frames(await read('events.pb')), [encoded(one, two), encoded(one)]);
  });

  it('is added to after a restart', async () => {
    for (const each of [one, two]) {
      const exporter = await start('events.pb', { format: 'proto' });
      await send(exporter, each);
      await exporter.shutdown(never);
    }
    assert.deepEqual(frames(await read('events.pb')), [encoded(one), encoded(two)]);
  });

  it('is kept under another name when a crash tore its end, and a new one is begun', async () => {
    const whole = await start('events.pb', { format: 'proto' });
    await send(whole, one);
    await whole.shutdown(never);
    const torn = Buffer.concat([await read('events.pb'), Buffer.from([0, 0, 1, 0, 7])]);
    await nodeFs.writeFile(join(directory, 'events.pb'), torn);
    await send(await start('events.pb', { format: 'proto' }), two);
    const [aside, current] = await files();
    assert.match(aside ?? '', /^events-\d{4}-.*\.pb$/);
    assert.deepEqual(await read(aside as string), torn);
    assert.equal(current, 'events.pb');
    assert.deepEqual(frames(await read('events.pb')), [encoded(two)]);
  });

  it('leaves a file of another format as it is', async () => {
    await nodeFs.writeFile(join(directory, 'events.pb'), '{"resourceLogs":[]}\n');
    await send(await start('events.pb', { format: 'proto' }), one);
    const [aside] = await files();
    assert.equal((await read(aside as string)).toString(), '{"resourceLogs":[]}\n');
  });

  it('is read past many frames, and past one that is larger than what is read at a time', async () => {
    const first = await start('events.pb', { format: 'proto' });
    const large = record({ body: 'x'.repeat(700_000) });
    await send(first, large);
    for (let count = 0; count < 50; count++) await send(first, one);
    await send(first, large);
    await first.shutdown(never);
    await send(await start('events.pb', { format: 'proto' }), two);
    assert.deepEqual(await files(), ['events.pb']);
    assert.equal(frames(await read('events.pb')).length, 53);
  });

  it('takes half a batch back when the volume is full', async () => {
    let full = false;
    const fs: FileSystem = {
      ...nodeFs,
      open: async (...args) => {
        const handle = await nodeFs.open(...args);
        const datasync = handle.datasync.bind(handle);
        handle.datasync = () => (full ? Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })) : datasync());
        return handle;
      },
    };
    const exporter = await start('events.pb', { format: 'proto' }, fs);
    await send(exporter, one);
    full = true;
    assert.equal((await send(exporter, two)).kind, 'retry');
    full = false;
    await send(exporter, two);
    assert.deepEqual(frames(await read('events.pb')), [encoded(one), encoded(two)]);
    assert.deepEqual(await files(), ['events.pb']);
  });
});

describe('a compressed file', { skip: zstdAvailable ? false : 'skipped: this Node.js has no zstd' }, () => {
  it('has each batch as a frame of zstd behind its length', async () => {
    const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync(data: Uint8Array): Buffer };
    for (const [format, level] of [
      ['json', 99],
      ['proto', 0],
    ] as const) {
      const block = { format, compression: 'zstd', compression_params: { level } };
      const exporter = await start(`events.${format}`, block);
      for (const eventName of ['a', 'b']) await send(exporter, record({ eventName }));
      const texts = frames(await read(`events.${format}`)).map((frame) => zstdDecompressSync(frame).toString('latin1'));
      assert.equal(texts.length, 2);
      assert.deepEqual(
        texts.map((text) => text.startsWith('{"resourceLogs"')),
        [format === 'json', format === 'json'],
      );
    }
  });
});

describe('files by an attribute', () => {
  const of = (team: string | undefined, eventName: string) =>
    record({ eventName, resource: resourceFromAttributes(team === undefined ? {} : { team }) });
  const groups = (more: object = {}) => ({ group_by: { enabled: true, resource_attribute: 'team', ...more } });
  const names = async (name: string) =>
    [...(await read(name)).toString().matchAll(/"eventName":"(\w+)"/g)].map((match) => match[1]);

  it('has the records of each value in a file of its own, and those without one in another', async () => {
    const exporter = await start('out/*.json', groups());
    const batch = [of('red', 'a'), of('blue', 'b'), of(undefined, 'c'), of('red', 'd')];
    assert.deepEqual(await send(exporter, ...batch), { kind: 'delivered' });
    await send(exporter, of('blue', 'e'));
    assert.deepEqual(await files(), ['out', 'out/blue.json', 'out/missing.json', 'out/red.json']);
    assert.deepEqual(await names('out/red.json'), ['a', 'd']);
    assert.deepEqual(await names('out/blue.json'), ['b', 'e']);
    assert.deepEqual(await names('out/missing.json'), ['c']);
  });

  it('is never outside of the directory, and always has a name', () => {
    const paths = ['../../etc/passwd', '/etc/passwd', 'a/./b', '..', '', 'a\0b\nc', 'x'.repeat(400)].map((value) =>
      pathFor('/data/out/*.json', value),
    );
    assert.deepEqual(paths.slice(0, 6), [
      ...['/data/out/etc/passwd.json', '/data/out/etc/passwd.json', '/data/out/a/b.json'],
      ...['/data/out/missing.json', '/data/out/missing.json', '/data/out/a_b_c.json'],
    ]);
    assert((paths[6] as string).length < 220);
    assert.notEqual(paths[6], pathFor('/data/out/*.json', `${'x'.repeat(400)}y`));
  });

  it('keeps only so many open, and adds to those that it opens again', async () => {
    let open = 0;
    let most = 0;
    const fs: FileSystem = {
      ...nodeFs,
      open: async (...args) => {
        const handle = await nodeFs.open(...args);
        if (args[1] !== 'a+') return handle;
        most = Math.max(most, ++open);
        const close = handle.close.bind(handle);
        handle.close = () => {
          open--;
          return close();
        };
        return handle;
      },
    };
    const exporter = await start('*.json'.replace('*', 'team-*'), groups({ max_open_files: 2 }), fs);
    for (const round of ['a', 'b']) {
      for (const team of ['1', '2', '3', '4']) await send(exporter, of(team, `${round}${team}`));
    }
    assert.equal(most, 2);
    assert.deepEqual(await names('team-3.json'), ['a3', 'b3']);
    await exporter.shutdown(never);
    assert.equal(open, 0);
  });

  it('takes a batch back from all files when one of them fails', async () => {
    let broken = true;
    const fs: FileSystem = {
      ...nodeFs,
      open: async (path, ...rest) => {
        if (broken && path.endsWith('blue.json')) throw Object.assign(new Error(), { code: 'EMFILE' });
        return nodeFs.open(path, ...rest);
      },
    };
    const exporter = await start('out/*.json', groups({ max_open_files: 1 }), fs);
    const outcome = await send(exporter, of('red', 'a'), of('green', 'c'), of('blue', 'b'));
    assert(outcome.kind === 'retry' && !outcome.ambiguous);
    assert.deepEqual([await names('out/red.json'), await names('out/green.json')], [[], []]);
    broken = false;
    await send(exporter, of('red', 'a'), of('blue', 'b'));
    assert.deepEqual([await names('out/red.json'), await names('out/blue.json')], [['a'], ['b']]);
  });

  it('rejects a record whose value names what is no file, so that it harms only itself', async () => {
    const exporter = await start('out/*.json', groups());
    await send(exporter, of('a', 'a'));
    const outcome = await send(exporter, of('b', 'b'), of('a.json/c', 'c'));
    assert.equal(outcome.kind, 'reject');
    assert(!JSON.stringify(outcome).includes('a.json/c'));
    assert.deepEqual(await send(exporter, of('b', 'b')), { kind: 'delivered' });
    assert.deepEqual(await names('out/b.json'), ['b']);
  });
});
