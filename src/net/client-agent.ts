import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { type Connect, Opening, type Route } from './client-route.ts';

export interface AgentOptions {
  readonly connect: Connect;
  readonly clock: Clock;
  /** Longest time for opening a connection, TLS and tunnel included. */
  readonly timeoutMs: number;
  readonly keepAlive: boolean;
  readonly maxSockets: number;
  readonly maxFreeSockets: number;
  readonly idleTimeoutMs: number;
}

type Created = (error: Error | null, socket?: Duplex) => void;

/**
 * The connections to one origin. TLS and tunnels are a matter of how they are opened, so every request of the client is a
 * plain `http.request` with this agent.
 */
export class RouteAgent extends Agent {
  readonly #route: Route;
  readonly #options: AgentOptions;
  readonly #opening = new Set<Opening>();

  constructor(route: Route, options: AgentOptions) {
    super({
      keepAlive: options.keepAlive,
      maxSockets: options.maxSockets,
      maxFreeSockets: options.maxFreeSockets,
      timeout: options.idleTimeoutMs,
    });
    this.#route = route;
    this.#options = options;
  }

  /** Called by Node.js for a request that finds no idle connection. The request may be gone before this is done. */
  override createConnection(_: ClientRequestArgs, created: Created): undefined {
    const { connect, clock, timeoutMs } = this.#options;
    const opening = new Opening(this.#route, connect);
    this.#opening.add(opening);
    const timer = clock.schedule(timeoutMs, () => opening.cancel(tooLate()));
    const done = () => {
      timer.cancel();
      this.#opening.delete(opening);
    };
    opening.connection.then(
      (socket) => {
        done();
        created(null, socket);
      },
      (error: Error) => {
        done();
        created(error);
      },
    );
  }

  override destroy(): void {
    for (const opening of this.#opening) opening.cancel(tooLate());
    super.destroy();
  }
}

function tooLate(): Error {
  return Object.assign(new Error('opening the connection was given up'), { code: 'ETIMEDOUT' });
}
