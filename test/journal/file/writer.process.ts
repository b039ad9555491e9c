/**
 * Appends under load until it is killed: writer.process.js DIRECTORY ROUND. Prints `number position` for each entry that
 * was answered for. Numbers are ROUND * 1,000,000 and up; a body is that number, many times.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../../src/clock.ts';
import { openFileJournal } from '../../../src/journal/file/engine.ts';
import { silentLog } from '../../../src/telemetry/log.ts';

const [directory, round] = process.argv.slice(2) as [string, string];
const journal = await openFileJournal({
  directory,
  segmentBytes: 256 * 1024,
  dedup: { windowMs: 3_600_000, maxIds: 100_000 },
  clock: systemClock,
  random: Math.random,
  log: silentLog,
});
const cursor = await journal.openCursor('only', { start: 'beginning' });
let next = Number(round) * 1_000_000;

async function write(): Promise<never> {
  for (;;) {
    const numbers = Array.from({ length: 1 + (next % 3) }, () => next++);
    const results = await journal.append(
      numbers.map((number) => ({
        source: 'intercom',
        receivedAt: Date.now(),
        records: 1,
        metadata: { number: String(number) },
        body: Buffer.from(`${number} `.repeat(50 + (number % 200))),
        dedupKey: String(number),
      })),
    );
    writeSync(1, results.map(({ position }, index) => `${numbers[index]} ${position}\n`).join(''));
    const last = results.at(-1)?.position ?? 0;
    if (last % 10 === 0) cursor.save({ cursor: Math.max(cursor.state.cursor, last - 500), settled: [], counts: {} });
  }
}

await Promise.all(Array.from({ length: 16 }, write));
