/**
 * A journal of many entries is as quick to open, to read from and to delete from as one of few, and takes no more memory.
 *
 *    npm run test:scale [-- --entries N]
 *
 * Entries of 200 bytes through the file engine, a thousand of them and N (default: a million), each step in a process of
 * its own. Prints what everything took.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Figures, Step } from './step.ts';

const { values } = parseArgs({
  args: JSON.parse(process.env.TEST_ARGS ?? '[]') as string[],
  options: { entries: { type: 'string' } },
  strict: false,
});
const FEW = 1_000;
const many = Number(values.entries ?? 1_000_000);

/** A step may take so many times as long with many entries as with few, and so many ms more: the noise of a machine. */
const FACTOR = 5;
const NOISE_MS = 50;
/** What opening does with the ids of the window, a million at most: time to load them, and memory for them. */
const IDS_MS = 3_000;
const IDS_MIB = 100;

const STEPS: readonly Step[] = ['fill', 'reopen', 'take over', 'read', 'delete'];

async function measure(t: TestContext, entries: number, segmentBytes: number): Promise<Map<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'scale-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const figures = new Map<string, number>();
  for (const step of STEPS) {
    const child = fork(fileURLToPath(new URL('./step.process.js', import.meta.url)), { execArgv: ['--expose-gc'] });
    child.send({ step, directory, entries, segmentBytes });
    const ended = once(child, 'exit');
    const answer = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
    await ended;
    assert.ok(answer, `the step "${step}" with ${entries} entries failed`);
    for (const [name, value] of Object.entries(answer[0] as Figures)) figures.set(`${step}: ${name}`, value);
  }
  return figures;
}

test(`${many} entries are opened, read and deleted as quickly as ${FEW}`, async (t) => {
  // So that there are segments to delete of either.
  const few = await measure(t, FEW, 64 * 1024);
  const all = await measure(t, many, 64 * 1024 * 1024);
  const figure = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0)).padStart(12);
  const lines = [...few].map(([name, value]) => `${name.padEnd(36)}${figure(value)}${figure(all.get(name) ?? 0)}`);
  t.diagnostic(`${'ms, where nothing else is said'.padEnd(36)}${String(FEW).padStart(12)}${String(many).padStart(12)}`);
  for (const line of lines) t.diagnostic(line);

  const atMost = (name: string, limit: (few: number) => number) => {
    const [small, large] = [few.get(name), all.get(name)];
    assert.ok(small !== undefined && large !== undefined, `${name} was not measured`);
    assert.ok(
      large <= limit(small),
      `${name}: ${large.toFixed(1)} with ${many} entries, ${small.toFixed(1)} with ${FEW}`,
    );
  };
  const soon = (small: number) => small * FACTOR + NOISE_MS;
  for (const name of ['reopen: first read', 'read: random read', 'read: seek by time', 'delete: one delete step'])
    atMost(name, soon);
  for (const name of ['reopen: restart', 'take over: restart']) atMost(name, (small) => soon(small) + IDS_MS);
  atMost('reopen: memory MiB', (small) => small + IDS_MIB);
  atMost('read: memory while reading MiB', (small) => small + 20);
});
