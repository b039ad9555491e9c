import assert from 'node:assert/strict';
import type { FileHandle } from 'node:fs/promises';
import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Exporter } from '../../src/component.ts';
import type { FileSystem } from '../../src/exporters/file/append-file.ts';
import { createFile } from '../../src/exporters/file/file.ts';
import { factory } from '../../src/exporters/file/index.ts';
import { zstdAvailable } from '../../src/net/compression.ts';
import type { LogRecord } from '../../src/record/log-record.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { context, errors, never, objections, parse, record, remarks, warnings } from './support.ts';

let directory: string;
let path: string;
const exporters: Exporter[] = [];

beforeEach(async () => {
  directory = await nodeFs.mkdtemp(join(tmpdir(), 'file-'));
  path = join(directory, 'events.json');
});

afterEach(async () => {
  for (const exporter of exporters.splice(0)) await exporter.shutdown(never);
  await nodeFs.rm(directory, { recursive: true });
});

async function start(block: object = {}, fs: FileSystem = nodeFs, clock = new FakeClock()): Promise<Exporter> {
  const exporter = createFile(parse(factory, { path, ...block }), context({ clock }), fs);
  exporters.push(exporter);
  await exporter.start();
  return exporter;
}

const send = (exporter: Exporter, ...records: LogRecord[]) => exporter.send({ records }, never);

async function lines(
  file = path,
): Promise<{ resourceLogs: { scopeLogs: { logRecords: { eventName: string }[] }[] }[] }[]> {
  const text = await nodeFs.readFile(file, 'utf8');
  assert(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const eventNames = async (file = path) =>
  (await lines(file)).map((line) =>
    line.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((one) => one.logRecords.map((r) => r.eventName))),
  );

/** The real file system, with handles whose methods a test replaces. */
function withFaults(
  faults: { [Name in 'write' | 'datasync' | 'truncate']?: (real: () => Promise<unknown>) => unknown },
): FileSystem {
  return {
    ...nodeFs,
    open: async (...args) => {
      const handle = await nodeFs.open(...args);
      return new Proxy(handle, {
        get(target, name: keyof FileHandle) {
          const value = target[name];
          if (typeof value !== 'function') return value;
          const real = (value as (...given: unknown[]) => Promise<unknown>).bind(target);
          const fault = faults[name as keyof typeof faults];
          return fault ? (...given: unknown[]) => fault(() => real(...given)) : real;
        },
      });
    },
  };
}

const fail = (code: string) => {
  throw Object.assign(new Error(code), { code });
};

describe('the file exporter', () => {
  it('writes a line of OTLP/JSON per batch, and adds to what is there', async () => {
    const first = await start();
    await send(first, record({ eventName: 'a', body: 'two\nlines' }), record({ eventName: 'b' }));
    await first.shutdown(never);
    const second = await start();
    assert.deepEqual(await send(second, record({ eventName: 'c' })), { kind: 'delivered' });
    assert.deepEqual(await eventNames(), [['a', 'b'], ['c']]);
    assert.equal((await nodeFs.stat(path)).mode & 0o007, 0);
  });

  it('keeps lines whole when batches come together', async () => {
    const exporter = await start();
    const batches = Array.from({ length: 20 }, (_, i) => send(exporter, record({ eventName: `${i}` })));
    await Promise.all(batches);
    assert.deepEqual(
      await eventNames(),
      Array.from({ length: 20 }, (_, i) => [`${i}`]),
    );
  });

  it('syncs a line before it counts as delivered', async () => {
    const steps: string[] = [];
    const fs = withFaults({
      write: async (real) => {
        const result = await real();
        steps.push('written');
        return result;
      },
      datasync: async (real) => {
        await real();
        steps.push('synced');
      },
    });
    await send(await start({}, fs), record());
    steps.push('delivered');
    assert.deepEqual(steps, ['written', 'synced', 'delivered']);
  });

  it('closes the torn line of a crash before it adds its own', async () => {
    await nodeFs.writeFile(path, '{"whole":1}\n{"torn":');
    await send(await start(), record({ eventName: 'a' }));
    const [whole, torn, own] = (await nodeFs.readFile(path, 'utf8')).split('\n');
    assert.deepEqual([whole, torn], ['{"whole":1}', '{"torn":']);
    assert.match(own ?? '', /"eventName":"a"/);
  });

  it('takes half a line back when the volume is full, and goes on when there is room', async () => {
    let full = false;
    const fs = withFaults({
      write: async (real) => {
        if (full) await nodeFs.appendFile(path, '{"half":');
        return full ? fail('ENOSPC') : real();
      },
    });
    const exporter = await start({}, fs);
    await send(exporter, record({ eventName: 'a' }));
    full = true;
    const outcome = await send(exporter, record({ eventName: 'b' }));
    assert(outcome.kind === 'retry' && !outcome.ambiguous && outcome.reason.code === 'ENOSPC');
    assert.deepEqual(await eventNames(), [['a']]);
    full = false;
    await send(exporter, record({ eventName: 'b' }));
    assert.deepEqual(await eventNames(), [['a'], ['b']]);
  });

  it('is unsure of a line that it could neither finish nor take back, and leaves no torn one', async () => {
    let broken = true;
    const fs = withFaults({
      datasync: (real) => (broken ? fail('EIO') : real()),
      truncate: () => fail('EIO'),
    });
    const exporter = await start({}, fs);
    const outcome = await send(exporter, record({ eventName: 'a' }));
    assert(outcome.kind === 'retry' && outcome.ambiguous && outcome.reason.code === 'EIO');
    broken = false;
    await send(exporter, record({ eventName: 'a' }));
    assert.deepEqual(await eventNames(), [['a'], ['a']]);
  });

  it('writes on after a short write of the operating system', async () => {
    const real = await nodeFs.open(path, 'a+');
    const fs: FileSystem = {
      ...nodeFs,
      open: async (...args) => {
        const handle = await nodeFs.open(...args);
        handle.write = (async (data: Uint8Array, offset = 0) =>
          real.write(data, offset, Math.min(10, data.length - offset))) as never;
        return handle;
      },
    };
    await send(await start({}, fs), record({ eventName: 'a' }));
    await real.close();
    assert.deepEqual(await eventNames(), [['a']]);
  });

  it('holds while its path cannot be used, says what to do, and then goes on', async () => {
    path = join(directory, 'missing', 'events.json');
    const exporter = await start();
    const outcome = await send(exporter, record());
    assert(outcome.kind === 'hold');
    assert.equal(outcome.reason.code, 'ENOENT');
    assert.match(outcome.reason.advice ?? '', /create_directory/);
    await nodeFs.mkdir(join(directory, 'missing'));
    assert.deepEqual(await send(exporter, record()), { kind: 'delivered' });
  });

  it('holds for want of permission', async () => {
    const fs: FileSystem = { ...nodeFs, open: async () => fail('EACCES') };
    const outcome = await send(await start({}, fs), record());
    assert(outcome.kind === 'hold');
    assert.match(outcome.reason.advice ?? '', /permissions/);
  });

  it('makes its directory when told to', async () => {
    path = join(directory, 'a', 'b', 'events.json');
    await send(await start({ create_directory: true, directory_permissions: '0700' }), record({ eventName: 'a' }));
    assert.deepEqual(await eventNames(), [['a']]);
    assert.equal((await nodeFs.stat(join(directory, 'a'))).mode & 0o777, 0o700);
  });

  it('opens its path anew after a log rotation moved the file', async () => {
    const exporter = await start();
    await send(exporter, record({ eventName: 'a' }));
    await nodeFs.rename(path, `${path}.1`);
    await send(exporter, record({ eventName: 'b' }));
    await exporter.reopen?.();
    await send(exporter, record({ eventName: 'c' }));
    assert.deepEqual(await eventNames(`${path}.1`), [['a'], ['b']]);
    assert.deepEqual(await eventNames(), [['c']]);
  });

  it('begins a file that was deleted anew', async () => {
    const exporter = await start();
    await send(exporter, record({ eventName: 'a' }));
    await nodeFs.unlink(path);
    await send(exporter, record({ eventName: 'b' }));
    assert.deepEqual(await eventNames(), [['b']]);
  });

  it('adds after what remains of a file that was truncated from outside', async () => {
    const exporter = await start();
    await send(exporter, record({ eventName: 'a' }));
    await nodeFs.truncate(path);
    await send(exporter, record({ eventName: 'b' }));
    assert.deepEqual(await eventNames(), [['b']]);
  });
});

describe('the rotation of a file', () => {
  const big = (eventName: string) => record({ eventName, body: 'x'.repeat(600_000) });
  const backups = async () => (await nodeFs.readdir(directory)).filter((name) => name !== 'events.json').sort();

  it('begins a new file before a line that would make the old one too large', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 31, 18, 0, 5, 123));
    const exporter = await start({ rotation: { max_megabytes: 1 } }, nodeFs, clock);
    for (const name of ['a', 'b', 'c']) await send(exporter, big(name));
    assert.deepEqual(await backups(), ['events-2026-01-31T18-00-05.123.json', 'events-2026-01-31T18-00-05.124.json']);
    assert.deepEqual(await eventNames(join(directory, 'events-2026-01-31T18-00-05.123.json')), [['a']]);
    assert.deepEqual(await eventNames(join(directory, 'events-2026-01-31T18-00-05.124.json')), [['b']]);
    assert.deepEqual(await eventNames(), [['c']]);
  });

  it('counts what the file held before the start', async () => {
    await nodeFs.writeFile(path, `${'x'.repeat(1024 * 1024)}\n`);
    await send(await start({ rotation: { max_megabytes: 1 } }), record({ eventName: 'a' }));
    assert.equal((await backups()).length, 1);
    assert.deepEqual(await eventNames(), [['a']]);
  });

  it('gives a line that is too large a file of its own', async () => {
    const exporter = await start({ rotation: { max_megabytes: 1 } });
    await send(exporter, record({ eventName: 'huge', body: 'x'.repeat(3_000_000) }));
    assert.deepEqual(await backups(), []);
    await send(exporter, record({ eventName: 'b' }));
    assert.equal((await backups()).length, 1);
  });

  it('keeps as many old files as it is told, and deletes none that is not its own', async () => {
    const clock = new FakeClock();
    const foreign = [
      'events-of-mine.json',
      'events-2020-01-01T00-00-00.000.json.gz',
      'other-2020-01-01T00-00-00.000.json',
    ];
    for (const name of foreign) await nodeFs.writeFile(join(directory, name), '');
    const exporter = await start({ rotation: { max_megabytes: 1, max_backups: 2 } }, nodeFs, clock);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await send(exporter, big(name));
      await clock.advance(60_000);
    }
    const names = await backups();
    for (const name of foreign) assert(names.includes(name), name);
    assert.equal(names.length, foreign.length + 2);
    const own = names.filter((name) => /^events-2026.*json$/.test(name));
    assert.deepEqual(await Promise.all(own.map((name) => eventNames(join(directory, name)))), [[['c']], [['d']]]);
  });

  it('deletes old files by age, in local time too', async () => {
    for (const localtime of [false, true]) {
      const clock = new FakeClock();
      const block = { rotation: { max_megabytes: 1, max_days: 2, localtime } };
      const exporter = await start(block, nodeFs, clock);
      await send(exporter, big('a'));
      await send(exporter, big('b'));
      await clock.advance(3 * 86_400_000);
      await send(exporter, big('c'));
      assert.equal((await backups()).length, 1, String(localtime));
      for (const name of await nodeFs.readdir(directory)) await nodeFs.unlink(join(directory, name));
    }
  });

  it('loses nothing when the old file cannot be moved', async () => {
    const fs: FileSystem = { ...nodeFs, rename: async () => fail('EACCES') };
    const exporter = await start({ rotation: { max_megabytes: 1 } }, fs);
    await send(exporter, big('a'));
    assert.equal((await send(exporter, big('b'))).kind, 'hold');
    assert.deepEqual(await eventNames(), [['a']]);
  });
});

describe('the configuration of file', () => {
  it('wants a path', () => {
    for (const block of [{}, { path: '' }])
      assert.deepEqual(objections(factory, block), ['path: path must be non-empty']);
  });

  it('warns about append: false, and refuses what the Collector refuses', () => {
    assert.deepEqual(warnings(remarks(factory, { path: 'a', append: false })), ['append']);
    assert.deepEqual(remarks(factory, { path: 'a', append: true, rotation: {}, flush_interval: '5s' }), []);
    const refused = (block: object) => errors(remarks(factory, { path: 'a', ...block }));
    const permissions = (mode: string) => refused({ create_directory: true, directory_permissions: mode });
    assert.match(refused({ directory_permissions: '0755' }).join(), /requires create_directory to be true/);
    assert.match(permissions('rwx').join(), /must be a valid octal representation/);
    assert.match(permissions('1777').join(), /invalid bits for file access/);
    assert.deepEqual([permissions('0700'), permissions('')], [[], []]);
    assert.match(refused({ encoding: 'otlp_encoding/x' }).join(), /this agent has no encoding extensions/);
    assert.match(refused({ sending_queue: { num_consumers: 0 } }).join(), /`num_consumers` must be positive/);
    assert.deepEqual(refused({ compression: 'zstd' }).length, zstdAvailable ? 0 : 1);
    assert.match(objections(factory, { path: 'a', format: 'xml' }).join(), /format type is not supported/);
    assert.match(objections(factory, { path: 'a', compression: 'gzip' }).join(), /compression is not supported/);
  });

  it('wants one star in the path of groups, and not at its beginning', () => {
    const refused = (path: string, groups: object = {}) =>
      errors(remarks(factory, { path, group_by: { enabled: true, ...groups } })).join();
    for (const path of ['a', 'a*b*']) assert.match(refused(path), /path must contain exactly one \*/);
    assert.match(refused('*.json'), /path must not start with \*/);
    assert.match(refused('a/*.json', { resource_attribute: '' }), /resource_attribute must not be empty/);
    assert.equal(refused('a/*.json'), '');
  });

  it('has the defaults of the Collector for rotation', () => {
    const { rotation } = parse(factory, { path: 'a', rotation: {} });
    assert.deepEqual(rotation, { max_megabytes: 100, max_days: 0, max_backups: 100, localtime: false });
    assert.equal(parse(factory, { path: 'a' }).rotation, undefined);
  });
});
