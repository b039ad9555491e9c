/**
 * Intercom's two signatures, both with the app's client secret over the body's bytes as they came:
 * `X-Hub-Signature: sha1=<40 hex>` on notifications (HMAC-SHA1), and `X-Body-Signature: <64 hex>` on installation health
 * checks and uninstalls (HMAC-SHA256).
 *
 * Their form is checked before the body is read, so that a request that can't be right costs nothing.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../config/secret.ts';

/** What a request claims: at least one of the two. A request with both must be right in both. */
export interface Claim {
  /** The digest of X-Hub-Signature: 20 bytes. */
  readonly hub?: Buffer;
  /** The digest of X-Body-Signature: 32 bytes. */
  readonly body?: Buffer;
}

/** The claim in a request's headers, or what is wrong with them. A header sent twice is joined by Node and has no valid form. */
export function readClaim(headers: IncomingHttpHeaders): Claim | { readonly problem: string } {
  const hubHeader = headers['x-hub-signature'];
  const bodyHeader = headers['x-body-signature'];
  if (hubHeader === undefined && bodyHeader === undefined) return { problem: 'no X-Hub-Signature' };
  const hub = hexDigest(hubHeader, 'sha1=', 20);
  const body = hexDigest(bodyHeader, '', 32);
  if (hubHeader !== undefined && !hub) return { problem: 'X-Hub-Signature is not sha1= and 40 hex digits' };
  if (bodyHeader !== undefined && !body) return { problem: 'X-Body-Signature is not 64 hex digits' };
  return { hub, body };
}

/** Upper-case digits are taken, an upper-case prefix is not. */
function hexDigest(header: string | string[] | undefined, prefix: string, bytes: number): Buffer | undefined {
  if (typeof header !== 'string' || header.length !== prefix.length + 2 * bytes || !header.startsWith(prefix)) {
    return undefined;
  }
  const hex = header.slice(prefix.length);
  return /^[0-9a-fA-F]+$/.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

/** The secrets of one integration: one, or several while the secret is being changed. */
export class Verifier {
  readonly #keys: readonly KeyObject[];

  constructor(secrets: readonly Secret[]) {
    if (secrets.length === 0) throw new Error('BUG: a verifier without a secret');
    this.#keys = secrets.map((secret) => createSecretKey(secret.reveal(), 'utf8'));
  }

  /** True when every signature claimed is that of one of the secrets. */
  verify(claim: Claim, bytes: Uint8Array): boolean {
    if (!claim.hub && !claim.body) throw new Error('BUG: a claim of nothing');
    const hub = claim.hub === undefined || this.#matches('sha1', claim.hub, bytes);
    const body = claim.body === undefined || this.#matches('sha256', claim.body, bytes);
    return hub && body;
  }

  /** Takes as long whichever secret matches, or none. */
  #matches(algorithm: 'sha1' | 'sha256', digest: Buffer, bytes: Uint8Array): boolean {
    let matches = false;
    for (const key of this.#keys) {
      const equal = timingSafeEqual(createHmac(algorithm, key).update(bytes).digest(), digest);
      matches = equal || matches;
    }
    return matches;
  }
}
