import type { IncomingHttpHeaders } from 'node:http';
import { fingerprint, type Verdict } from '../../net/auth.ts';
import { Slots } from '../../net/client-slots.ts';
import type { PasswordEntry } from './htpasswd.ts';

/** Passwords with slow hashes that wait to be checked; more are turned away, so that guessing can't fill the memory. */
const MAX_WAITING = 32;
/** Passwords that are remembered as right. */
const MAX_REMEMBERED = 1024;

/**
 * Judges Basic credentials. A password that was right is remembered by its fingerprint, so that a slow hash costs its time
 * once and not for each request; slow hashes are checked one at a time.
 */
export class Gate {
  readonly #users: ReadonlyMap<string, PasswordEntry>;
  readonly #right = new Set<string>();
  readonly #slot = new Slots(1);
  #waiting = 0;

  constructor(users: ReadonlyMap<string, PasswordEntry>) {
    this.#users = users;
  }

  async judge(headers: IncomingHttpHeaders): Promise<Verdict> {
    const credentials = credentialsOf(headers.authorization);
    if (!credentials) return 'refused';
    const { user, password } = credentials;
    const mark = fingerprint(`${user}:${password}`).toString('base64');
    if (this.#right.has(mark)) return 'admitted';
    const known = this.#users.get(user);
    // An unknown user takes as long as one that is known: the time must not tell which names exist.
    const [decoy] = this.#users.values();
    const entry = known ?? decoy;
    if (!entry) return 'refused';
    if (entry.slow && this.#waiting >= MAX_WAITING) return 'busy';
    const matches = entry.slow ? await this.#inTurn(() => entry.matches(password)) : await entry.matches(password);
    if (!matches || !known) return 'refused';
    if (this.#right.size >= MAX_REMEMBERED) this.#right.clear();
    this.#right.add(mark);
    return 'admitted';
  }

  async #inTurn(check: () => Promise<boolean>): Promise<boolean> {
    this.#waiting++;
    try {
      return await this.#slot.run(check);
    } finally {
      this.#waiting--;
    }
  }
}

function credentialsOf(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, base64] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? [];
  if (base64 === undefined) return undefined;
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
