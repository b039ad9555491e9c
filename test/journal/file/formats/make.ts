/**
 * Makes the directory that `formats.test.ts` opens, as the present formats have it and as a killed agent leaves it:
 *
 *    node .build/test/journal/file/formats/make.js v2        after npm test, from the project's folder
 *
 * Run once for each version of the formats, by the release that writes it, and kept for ever: `VERSION/files.json`, and
 * `VERSION/contents.json` with what is in them. Everything in there is invented, and the same whenever it is made.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { DeadLetter } from '../../../../src/journal/dead-letters.ts';
import { openFileJournal } from '../../../../src/journal/file/engine.ts';
import type { FileJournalOptions } from '../../../../src/journal/file/options.ts';
import type { Platform } from '../../../../src/journal/file/platform.ts';
import { openStoredJournal } from '../../../../src/journal/file/stored.ts';
import type { Entry, Journal, NewEntry } from '../../../../src/journal/journal.ts';
import { silentLog } from '../../../../src/telemetry/log.ts';
import { seeded } from '../../../crash/arguments.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { contentsOf, pack } from './made.ts';

const HOUR_MS = 3_600_000;

/** How the directory is opened, by its maker and by the test. */
export function options(directory: string, clock: FakeClock, seed: number): FileJournalOptions {
  return {
    directory,
    segmentBytes: 5_500,
    maxBytes: 1024 ** 3,
    retention: { maxAgeMs: HOUR_MS },
    deadLetters: { maxAgeMs: 1_000 * 24 * HOUR_MS, maxBytes: 1024 * 1024 },
    dedup: { windowMs: 24 * HOUR_MS, maxIds: 1_000 },
    clock,
    random: seeded(seed),
    log: silentLog,
    platform: platformOf(4_000 + seed),
  };
}

/** On the one machine, where no other process runs. */
function platformOf(pid: number): Platform {
  return { pid, host: 'agent-1', scope: 'boot-1', startOf: (asked) => (asked === pid ? `start of ${pid}` : undefined) };
}

/** The delivery at whose entry the agent died. */
export const DELIVERY = 'logs -> coralogix';
/** Numbers, and positions, of the entries with an id: those of deleted segments, and an erased one, among them. */
export const KEYED = Array.from({ length: 21 }, (_, index) => index + 1).filter(
  (number) => number !== 13 && number !== 14,
);
/** When the agent was killed. */
export const KILLED_AT = Date.UTC(2026, 2, 1, 12);

async function make(directory: string): Promise<void> {
  const clock = new FakeClock(KILLED_AT - 3 * HOUR_MS);
  const first = await openFileJournal(options(directory, clock, 1));
  for (const name of [DELIVERY, 'logs -> otlp_http/grafana', 'logs -> old', 'logs -> older'])
    await first.openCursor(name);
  for (let number = 1; number <= 12; number++) await first.append([notification(number)]);
  await first.append([log(13), log(14), notification(15)]);
  for (const name of [DELIVERY, 'logs -> otlp_http/grafana', 'logs -> old', 'logs -> older'])
    await first.closeCursor(name);
  await first.retire('logs -> older', { delivered: 3, expired: 12 });
  await first.close();

  // The oldest segments are deleted, and their ids are kept; one delivery is renamed, one is an orphan.
  clock.jump(2 * HOUR_MS);
  const second = await openFileJournal(options(directory, clock, 2));
  await second.rename('logs -> old', 'logs -> older/again');
  for (const name of [DELIVERY, 'logs -> otlp_http/grafana']) await settle(second, name, 9);
  await settle(second, 'logs -> older/again', 9);
  const { entries } = await second.read(1, { maxEntries: 100, maxBytes: 1e6 });
  const letters = entries.slice(0, 6).map((entry, index) => letter(entry, index));
  await second.deadLetters.put(letters);
  await second.deadLetters.put([{ ...(letters[1] as DeadLetter), attempts: 7 }]);
  await second.deadLetters.remove(letters.slice(2, 3));
  await second.deadLetters.retry(letters.slice(3, 4));
  await second.closeCursor('logs -> older/again');
  await second.orphans();
  await clock.advance(5_000);
  while (second.status().first === 1) await turn();
  await second.erase((entry) => entry.metadata.number === '12');
  for (let number = 16; number <= 20; number++) await second.append([notification(number)]);
  await second.close();

  // Killed while it processed an entry.
  clock.jump(HOUR_MS / 2);
  const third = await openFileJournal(options(directory, clock, 3));
  const cursor = await third.openCursor(DELIVERY);
  await third.append([notification(21)]);
  cursor.save({ ...cursor.state, inFlight: [[12, 14]] });
  await cursor.flush();
  cursor.attempting(12);
}

async function settle(journal: Journal, name: string, at: number): Promise<void> {
  const cursor = await journal.openCursor(name);
  cursor.save({ cursor: at - 1, settled: [], counts: { delivered: at - 2 } });
  await cursor.flush();
  cursor.save({
    cursor: at,
    settled: [
      [at + 1, at + 2],
      [at + 5, at + 5],
    ],
    counts: { delivered: at + 1, dead_lettered: 1 },
    sources: [
      { source: 'intercom', since: 1 },
      { source: 'otlp', since: 1, before: 14 },
    ],
    redeemed: [3],
    memo: { partial_success: 'two of the records were too old' },
  });
  await cursor.flush();
}

function notification(number: number): NewEntry {
  const body = Buffer.from(
    `{"type":"notification_event","id":"notif_${number}","data":{"item":"größe ${'x'.repeat(number * 20)}"}}`,
  );
  return {
    source: 'intercom',
    receivedAt: KILLED_AT - 3 * HOUR_MS + number,
    records: 1,
    metadata: { integration: 'support', application: 'acme', number: String(number), '': 'half of a pair: \ud800' },
    body,
    dedupKey: `support notif_${number}`,
  };
}

/** Of another receiver, without an id, and not text. */
function log(number: number): NewEntry {
  const body = Buffer.from([0, 255, number, 10, 13, 128]);
  return { source: 'otlp', receivedAt: KILLED_AT + 0.5, records: 40, metadata: { number: String(number) }, body };
}

function letter(entry: Entry, index: number): DeadLetter {
  const { position } = entry;
  const at = KILLED_AT - HOUR_MS + index;
  const delivery = DELIVERY;
  if (index % 2 === 1)
    return {
      delivery,
      position,
      entry,
      cause: { kind: 'processing', summary: 'transform threw a TypeError' },
      at,
      attempts: 0,
    };
  const cause = { kind: 'rejected', summary: 'answered 400', status: 400, body: 'unknown field "größe"' } as const;
  return {
    delivery,
    position,
    entry,
    sent: Buffer.from(`{"resourceLogs":[{"number":${position}}]}`),
    cause,
    at,
    attempts: 2,
  };
}

if (process.argv[1] === import.meta.filename) {
  const version = process.argv[2] ?? '';
  if (!/^v\d+$/.test(version)) throw new Error('Which version? make.js v1');
  const directory = mkdtempSync(join(tmpdir(), 'formats-'));
  await make(directory);
  const files = pack(directory);
  const stored = await openStoredJournal({ directory, clock: new FakeClock(KILLED_AT), platform: platformOf(1) });
  const contents = await contentsOf(stored);
  await stored.close();
  rmSync(directory, { recursive: true });
  const target = join('test/journal/file/formats', version);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'files.json'), `${JSON.stringify(files, null, 2)}\n`);
  writeFileSync(join(target, 'contents.json'), `${JSON.stringify(contents, null, 2)}\n`);
  execFileSync(process.execPath, ['tools/node_modules/@biomejs/biome/bin/biome', 'format', '--write', target]);
  process.exit(0);
}
