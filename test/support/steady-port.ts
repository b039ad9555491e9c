import { createServer } from 'node:net';

/** Below the range from which the system takes ports for outgoing connections, on all systems. */
const LOWEST = 18_000;
const HIGHEST = 32_000;

/**
 * A port that is free now, and that no outgoing connection takes while nothing listens there: for a server that goes away and
 * comes back.
 */
export async function steadyPort(random: () => number): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
