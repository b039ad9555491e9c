import { createHash } from 'node:crypto';
import { compare } from 'bcryptjs';
import { sameSecret } from '../../net/auth.ts';

export interface PasswordEntry {
  /** Checking takes long: many at the same time would keep the process busy. */
  readonly slow: boolean;
  matches(password: string): Promise<boolean>;
}

export interface Htpasswd {
  readonly users: ReadonlyMap<string, PasswordEntry>;
  /** By line, without any text of it. */
  readonly problems: readonly string[];
}

/** A password takes twice as long for each step; from here on it is seconds. */
const MAX_BCRYPT_COST = 14;

/** Lines `user:hash`; empty ones and those that begin with # don't count. Of two for one user the later wins. */
export function parseHtpasswd(text: string): Htpasswd {
  const users = new Map<string, PasswordEntry>();
  const problems: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const entry = colon > 0 ? entryOf(line.slice(colon + 1)) : 'is not user:hash';
    if (typeof entry === 'string') problems.push(`line ${index + 1} ${entry}`);
    else users.set(line.slice(0, colon), entry);
  }
  if (users.size === 0 && problems.length === 0) problems.push('holds no user');
  return { users, problems };
}

/** What is wrong with it, in words, when it can't be used. */
function entryOf(hash: string): PasswordEntry | string {
  if (hash === '') return 'has no password';
  if (/^\$2[aby]\$/.test(hash)) return bcryptEntry(hash);
  if (hash.startsWith('{SHA}')) return digestEntry(hash.slice(5), 'exactly');
  if (hash.startsWith('{SSHA}')) return digestEntry(hash.slice(6), 'at least');
  if (hash.startsWith('$') || /^\{[A-Z0-9-]+\}/i.test(hash)) {
    return 'has a kind of hash that is not supported; make it with: htpasswd -nB user (bcrypt)';
  }
  return { slow: false, matches: async (password) => sameSecret(password, hash) };
}

function bcryptEntry(hash: string): PasswordEntry | string {
  const cost = Number(/^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(hash)?.[1] ?? -1);
  if (cost < 4) return 'has a bcrypt hash that is cut or changed';
  if (cost > MAX_BCRYPT_COST) return `has a bcrypt hash of cost ${cost}; at most ${MAX_BCRYPT_COST} is taken here`;
  return { slow: true, matches: (password) => compare(password, hash) };
}

const SHA1_BYTES = 20;

/** SHA-1 of the password and of the salt that stands behind the digest. */
function digestEntry(base64: string, length: 'exactly' | 'at least'): PasswordEntry | string {
  const bytes = Buffer.from(base64, 'base64');
  const whole = length === 'exactly' ? bytes.length === SHA1_BYTES : bytes.length >= SHA1_BYTES;
  if (!whole) return 'has a SHA-1 hash that is cut or changed';
  const wanted = bytes.subarray(0, SHA1_BYTES).toString('hex');
  const salt = bytes.subarray(SHA1_BYTES);
  const digest = (password: string) => createHash('sha1').update(password).update(salt).digest('hex');
  return { slow: false, matches: async (password) => sameSecret(digest(password), wanted) };
}
