import type { AnyFactory, Extension } from '../component.ts';
import { Catalog } from '../config/catalog.ts';
import type { Authenticators, ClientAuth, ServerAuth } from '../net/auth.ts';

/** The authenticators of a running agent, by any name under which a configuration may call them. */
export class RunningAuthenticators implements Authenticators {
  readonly #catalog: Catalog;
  readonly #extensions = new Map<string, Extension>();

  constructor(factories: readonly AnyFactory[]) {
    this.#catalog = new Catalog(factories);
  }

  /** @param id canonical */
  add(id: string, extension: Extension): void {
    this.#extensions.set(id, extension);
  }

  client(written: string): ClientAuth {
    return this.#find(written)?.clientAuth ?? unchecked(written);
  }

  server(written: string): ServerAuth {
    return this.#find(written)?.serverAuth ?? unchecked(written);
  }

  #find(written: string): Extension | undefined {
    return this.#extensions.get(this.#catalog.canonical('extension', written));
  }
}

function unchecked(id: string): never {
  throw new Error(`BUG: an authenticator ${JSON.stringify(id)} passed the check of the configuration`);
}
