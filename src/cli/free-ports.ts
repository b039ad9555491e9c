import { createServer } from 'node:net';
import { CommandError } from './exit.ts';

/** How often ports are chosen anew when somebody was faster. */
const ATTEMPTS = 5;

/**
 * Starts something that listens at ports of this machine: at the preferred ones, or at free ones where they are taken.
 * Between the moment when a port is found free and the moment when `start` listens there somebody else may take it (a
 * second demo, for one): then the ports are chosen anew, at random, a few times. Every other error of `start` is thrown
 * on; `start` must leave nothing behind when it fails.
 */
export async function startOnFreePorts<T>(
  preferred: readonly number[],
  start: (ports: readonly number[]) => Promise<T>,
  find: (port: number) => Promise<number | undefined> = tryPort,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const ports: number[] = [];
    for (const port of preferred) {
      const free = (attempt === 1 ? await find(port) : undefined) ?? (await find(0));
      if (free === undefined) throw new CommandError('no port of 127.0.0.1 can be listened on');
      ports.push(free);
    }
    try {
      return await start(ports);
    } catch (error) {
      if (attempt === ATTEMPTS || !isAddressInUse(error)) throw error;
    }
  }
}

/** The port itself, one that the system chooses for 0; undefined where it is taken. It is let go again. */
export function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

function isAddressInUse(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ((cause as NodeJS.ErrnoException).code === 'EADDRINUSE') return true;
  return false;
}
