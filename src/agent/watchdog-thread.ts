/** The thread of watchdog.ts. It counts its own ticks, so a machine that was suspended is no trouble. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { beats, limitSeconds } = workerData as { beats: Int32Array; limitSeconds: number };
let last = Atomics.load(beats, 0);
let missed = 0;

setInterval(() => {
  const now = Atomics.load(beats, 0);
  missed = now === last ? missed + 1 : 0;
  last = now;
  if (missed < limitSeconds) return;
  const line = `${new Date().toISOString()} ERROR The agent did nothing for ${limitSeconds} s: a processor or exporter does not return. It is ended, to be started anew; everything accepted is kept.\n`;
  try {
    writeSync(2, line);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}, 1000);
