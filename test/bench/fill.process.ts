/** Fills a journal with notifications of 500 bytes, as the door would have: `fill.process.js DIRECTORY ENTRIES FIRST`. */
import { systemClock } from '../../src/clock.ts';
import { openFileJournal } from '../../src/journal/file/engine.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { notification, notificationId } from '../support/notifications.ts';

const GROUP = 5_000;
const BYTES = 500;
const DAY_MS = 86_400_000;

const [directory = '', ...numbers] = process.argv.slice(2);
const [entries = 0, first = 0] = numbers.map(Number);

const journal = await openFileJournal({
  ...{ directory, segmentBytes: 64 * 2 ** 20, maxBytes: 2 ** 40, retention: { maxAgeMs: DAY_MS } },
  ...{ dedup: { windowMs: DAY_MS, maxIds: 1_000_000 }, clock: systemClock, random: Math.random, log: silentLog },
});
const template = notification(0, BYTES);
const idAt = template.indexOf(notificationId(0));
const metadata = { integration: 'bench0', application_name: 'acme', subsystem_name: 'support', kind: 'notification' };
for (let done = 0; done < entries; done += GROUP) {
  const group = Array.from({ length: Math.min(GROUP, entries - done) }, (_, index) => {
    const id = notificationId(first + done + index);
    const body = Buffer.from(template);
    body.write(id, idAt, 'latin1');
    const dedupKey = ['intercom', 'bench0', 'id', id].join('\0');
    return { source: 'intercom', receivedAt: Date.now(), records: 1, metadata, body, dedupKey };
  });
  await journal.append(group);
}
await journal.close();
