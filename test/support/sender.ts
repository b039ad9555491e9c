import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Sending, SendingResult } from './sender.process.ts';

/** Sends from a process of its own. `child` may be killed; then `result` rejects. */
export function startSending(options: Sending): { child: ChildProcess; result: Promise<SendingResult> } {
  const child = fork(fileURLToPath(new URL('./sender.process.js', import.meta.url)));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the sender ended with ${code}`);
  });
  const result = Promise.race([once(child, 'message').then(([message]) => message as SendingResult), ended]);
  result.catch(() => {});
  child.send(options);
  return { child, result };
}
