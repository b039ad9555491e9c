/** What authenticator extensions offer to the HTTP clients and servers of this agent. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface ClientAuth {
  /**
   * Headers for one request, with lower-case names; they win over those of the configuration. Secret. Asked for each
   * request, because what they come from may change.
   */
  headers(): Readonly<Record<string, string>>;
}

/** `busy`: it can't be judged now, and a later request may be. */
export type Verdict = 'admitted' | 'refused' | 'busy';

export interface ServerAuth {
  /** Value of WWW-Authenticate in a 401. */
  readonly challenge: string;
  /** Never rejects or throws. */
  judge(headers: IncomingHttpHeaders): Verdict | Promise<Verdict>;
}

/** By the id that an `auth` block names. The loader has checked that it exists and has the side. */
export interface Authenticators {
  client(id: string): ClientAuth;
  server(id: string): ServerAuth;
}

/** Where there is no configuration, so that no `auth` block can name any. */
export const noAuthenticators: Authenticators = { client: missing, server: missing };

function missing(id: string): never {
  throw new Error(`BUG: there is no authenticator ${id}`);
}

const KEY = randomBytes(32);

/** A fingerprint that tells nothing of the text, and is worth nothing outside of this process. */
export function fingerprint(text: string): Buffer {
  return createHmac('sha256', KEY).update(text).digest();
}

/** Takes the same time wherever the texts differ, and whatever their lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(fingerprint(a), fingerprint(b));
}
