/**
 * Test files in one process, one after the other: starting a process and loading the agent's modules takes longer than most
 * files do. scripts/test.mjs says which. A file that leaves the process otherwise than it found it fails, for the next would
 * depend on it.
 */
import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { join, relative } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { latch } from './latch.ts';
import { repository } from './shared.ts';

/** Resolves when all are loaded; they run then. */
export async function together(files: readonly URL[]): Promise<void> {
  const all = latch();
  // To node:test what is called in an operation that a suite began belongs to the suite.
  const outside = new AsyncResource('together');
  for (const file of files) await outside.runInAsyncScope(() => suiteOf(file, all.promise));
  all.open();
}

/** Resolves when the file is loaded. */
function suiteOf(file: URL, all: Promise<void>): Promise<unknown> {
  let loading: Promise<unknown> = Promise.resolve();
  // Before the file's own hooks, and after them.
  describe(relative(join(repository, '.build'), fileURLToPath(file)), async () => {
    let found: ReturnType<typeof processState> = new Map();
    before(async () => {
      await all;
      found = processState();
    });
    loading = import(file.href).then(() =>
      after(() => assert.deepEqual(changed(found, processState()), [], 'the file changes what others share with it')),
    );
    await loading;
  });
  return loading.catch(() => {});
}

/** What the files of one process share, and none should change for the next. */
function processState(): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...Object.entries(process.env).map(([name, value]) => [`the environment variable ${name}`, value] as const),
    ...Object.getOwnPropertyNames(globalThis).map((name) => [`globalThis.${name}`, 'there'] as const),
    ...Object.entries({ Date, Error, fetch, queueMicrotask, setImmediate, setInterval, setTimeout }),
    ['Date.now', Date.now],
    ['Math.random', Math.random],
    ['Error.prepareStackTrace', Error.prepareStackTrace],
    ['Error.stackTraceLimit', Error.stackTraceLimit],
    ['process.stdout.write', process.stdout.write],
    ['process.stderr.write', process.stderr.write],
    ['the working directory', process.cwd()],
    ['the mask of new files', process.umask()],
    ['the exit code', process.exitCode],
    // node:test itself listens for the end of the process.
    ...process
      .eventNames()
      .filter((name) => name !== 'exit' && name !== 'beforeExit')
      .map((name) => [`listeners for ${String(name)}`, process.listenerCount(name)] as const),
  ]);
}

/** Names without values: an environment has secrets. */
function changed(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
}
