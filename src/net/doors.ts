/** The doors of one agent, which outlive the components that answer at them. */
import { Door, type Place, type Tenant } from './door.ts';

/** Where a component's servers get their doors. */
export interface Doorway {
  /**
   * Resolves when connections to `place` are accepted. The tenant answers at once; or, while the agent's configuration
   * changes, from the moment of the change on: until then a predecessor at the same place goes on answering.
   * @throws {Error} that names the endpoint and what to do.
   */
  enter(tenant: Tenant, place: Place, maxConnections: number): Promise<Door>;
}

interface Standing {
  readonly door: Door;
  /** Who may hand it over: the component of the tenant, and of the one that follows. */
  owner: string;
  nextOwner: string;
}

/** For a server that no agent looks after. */
export const ownDoor: Doorway = {
  async enter(tenant, place, maxConnections) {
    const door = await Door.open(place, tenant.settings, { maxConnections, onClose: () => {} });
    door.announce(tenant);
    door.handOver(() => {});
    return door;
  },
};

export class Doors {
  readonly #standing = new Set<Standing>();
  /** Owners whose doors may be taken over; undefined while nothing changes. */
  #leaving: ReadonlySet<string> | undefined;
  readonly #onError: (error: Error) => void;

  /** @param onError told of a listening socket that could not be handed on: what was there stays */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** @param owner names a component, over all its instances */
  of(owner: string): Doorway {
    return { enter: (tenant, place, maxConnections) => this.#enter(owner, tenant, place, maxConnections) };
  }

  /** From now on tenants wait for `commit`, and may follow those of the owners that are `leaving`. */
  prepare(leaving: ReadonlySet<string>): void {
    this.#leaving = leaving;
  }

  /**
   * Who waits answers from now on: all of them at the same moment.
   * @returns the owners that leave a door at which nobody follows
   */
  commit(): ReadonlySet<string> {
    const abandoned = new Set<string>();
    for (const one of this.#standing) {
      if (!one.door.next && this.#leaving?.has(one.owner)) abandoned.add(one.owner);
      one.owner = one.nextOwner;
      one.door.handOver(this.#onError);
    }
    this.#leaving = undefined;
    return abandoned;
  }

  /** Nothing changes after all. Doors that were opened for it are closed by those who wait there. */
  cancel(): void {
    this.#leaving = undefined;
    for (const one of this.#standing) {
      one.nextOwner = one.owner;
      if (one.door.tenant) one.door.unannounce();
    }
  }

  async #enter(owner: string, tenant: Tenant, place: Place, maxConnections: number): Promise<Door> {
    const known = this.#leaving && this.#predecessor(owner, place, this.#leaving);
    if (known) {
      known.nextOwner = owner;
      known.door.announce(tenant);
      return known.door;
    }
    const door = await Door.open(place, tenant.settings, {
      maxConnections,
      onClose: () => this.#standing.delete(standing),
    }).catch((error: unknown) => {
      throw this.#ownPort(place, error) ?? error;
    });
    const standing: Standing = { door, owner, nextOwner: owner };
    this.#standing.add(standing);
    door.announce(tenant);
    if (!this.#leaving) door.handOver(this.#onError);
    return door;
  }

  /** No two sockets listen at once at a port, where one of them is for every interface. */
  #ownPort({ endpoint, port }: Place, cause: unknown): Error | undefined {
    const own = [...this.#standing].find(({ door }) => door.place.port === port && port !== 0);
    if (!own) return undefined;
    return new Error(
      `endpoint ${endpoint}: can't listen while this agent itself listens on ${own.door.place.endpoint}: restart it, or choose another port`,
      { cause },
    );
  }

  /** Any port is nobody else's port. */
  #predecessor(owner: string, place: Place, leaving: ReadonlySet<string>): Standing | undefined {
    return [...this.#standing].find(
      (one) =>
        leaving.has(one.owner) &&
        !one.door.next &&
        one.door.place.host === place.host &&
        one.door.place.port === place.port &&
        one.door.place.ipv6Only === place.ipv6Only &&
        (place.port !== 0 || one.owner === owner),
    );
  }
}
