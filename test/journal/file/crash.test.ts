import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/clock.ts';
import { numberOf, readAll } from '../entries.ts';
import { setting } from './harness.ts';

const ROUNDS = 6;
const ENTRIES = 1_500;

/** Runs a writer, kills it in the middle of its work, and returns what it had answered for: position by number. */
async function killedWriter(directory: string, round: number): Promise<Map<number, number>> {
  const script = fileURLToPath(new URL('./writer.process.js', import.meta.url));
  const child = spawn(process.execPath, [script, directory, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (output.length > ENTRIES * 14) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  // The last line may have been cut by the kill.
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  return new Map(lines.map((line) => line.split(' ').map(Number) as [number, number]));
}

test('a writer that is killed again and again loses nothing that it answered for', async (t) => {
  const at = setting(t, { clock: systemClock, dedup: { windowMs: 3_600_000, maxIds: 100_000 } });
  const answered = new Map<number, number>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [number, position] of await killedWriter(at.directory, round)) answered.set(number, position);
  }
  assert.ok(answered.size > ROUNDS * 500);

  const journal = await at.open();
  const { entries, lost } = await readAll(journal, journal.status().first, 1_000);
  assert.deepEqual(lost, []);
  assert.equal(journal.status().first, 1);
  assert.deepEqual(journal.status().notes, []);
  const stored = new Map(entries.map((entry) => [numberOf(entry), entry.position]));
  assert.equal(stored.size, entries.length, 'no entry is there twice');
  for (const [number, position] of answered) assert.equal(stored.get(number), position);
  let previous = 0;
  for (const entry of entries) {
    const number = numberOf(entry);
    // In the order of the calls, and nothing that no writer wrote: not even a part of it.
    assert.ok(number > previous, `${number} after ${previous}`);
    previous = number;
    assert.equal(Buffer.from(entry.body).toString(), `${number} `.repeat(50 + (number % 200)));
  }
  // Entries that came too late to be answered for are there for each writer only at its end, fewer than were in flight.
  assert.ok(entries.length - answered.size <= ROUNDS * 16 * 3, `${entries.length - answered.size} more than answered`);

  const again = [...answered].filter((_, index) => index % 100 === 0);
  for (const [number, position] of again) {
    const copy = { source: 'intercom', receivedAt: 0, records: 1, metadata: {}, body: Buffer.alloc(1) };
    assert.deepEqual(await journal.append([{ ...copy, dedupKey: String(number) }]), [{ kind: 'duplicate', position }]);
  }
});
