/**
 * Exit codes of every command, for scripts.
 * - 0: done.
 * - 1: it was tried and failed (a port is taken, the agent refused the sample).
 * - 2: the command line or the configuration is wrong; nothing was tried.
 * - 130, 143: stopped at once by a second signal (128 + its number).
 */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Ends a command with a message for people and an exit code. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
