import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';

/** A large event may take some seconds. */
const LIMIT_SECONDS = 60;
const BEAT_MS = 1000;

/**
 * Ends the process when it is stuck: a processor that loops for ever can't be interrupted from within, and an agent that
 * answers nobody helps nobody. Whoever supervises it starts it anew, and the delivery then finds the entry that does it
 * (delivery/post-mortem.ts). Not under a debugger. Returns how to stop watching.
 */
export function startWatchdog(limitSeconds = LIMIT_SECONDS): () => Promise<void> {
  if (inspector.url() !== undefined) return () => Promise.resolve();
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
    workerData: { beats, limitSeconds },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
    // Flags such as --cpu-prof are meant for the agent.
    execArgv: [],
  });
  // The agent is worth more than its watchdog.
  worker.on('error', () => {});
  worker.unref();
  const timer = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await worker.terminate();
  };
}
