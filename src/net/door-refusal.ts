/** What is answered to something that is no HTTP request. */
import type { Socket } from 'node:net';
import type { Tenant } from './door.ts';
import type { Connections } from './server-connections.ts';

/** How long a refused connection is still read, and thrown away, so that the answer isn't lost to a reset. */
const LINGER_MS = 1000;

/** Answers what the HTTP parser gave up on, unless the connection owes other answers first. */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Socket,
  connections: Connections,
  tenant: Tenant | undefined,
): void {
  // Data that still comes in ends up here again.
  if (socket.writableEnded) return;
  const gone = error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable;
  const timeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // Load balancers open connections ahead of need: one that never said anything is closed without a word.
  if (gone || !tenant || (timeout && socket.bytesRead === 0)) {
    socket.destroy();
    return;
  }
  if (!connections.broken(socket)) {
    if (timeout) socket.destroy();
    return;
  }
  const [status, phrase, reason] = timeout
    ? ([408, 'Request Timeout', 'timeout'] as const)
    : error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'Request Header Fields Too Large', 'too_large'] as const)
      : ([400, 'Bad Request', 'malformed'] as const);
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const linger = tenant.schedule(LINGER_MS, () => socket.destroy());
  socket.once('close', () => linger.cancel());
  tenant.refused(reason, { status, peer: socket.remoteAddress, cause: error.code ?? error.message });
}
