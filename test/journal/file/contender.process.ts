/** Tries to own a directory, several times at once: contender.process.js DIRECTORY ATTEMPTS. Says how each one ended. */
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/clock.ts';
import { openFileJournal } from '../../../src/journal/file/engine.ts';
import { silentLog } from '../../../src/telemetry/log.ts';

const [directory, attempts] = process.argv.slice(2) as [string, string];
process.stdout.write('ready\n');
for await (const _ of createInterface({ input: process.stdin })) {
  const options = {
    directory,
    dedup: { windowMs: 1, maxIds: 1 },
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  };
  for (let attempt = 0; attempt < Number(attempts); attempt++) {
    openFileJournal(options).then(
      () => process.stdout.write('owner\n'),
      (error: Error) => process.stdout.write(`${error.message}\n`),
    );
  }
}
