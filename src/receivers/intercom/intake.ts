/** What becomes of the POSTs of one integration: verified, then read, then stored, then answered. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiverContext } from '../../component.ts';
import type { Secret } from '../../config/secret.ts';
import { JournalError, type NewEntry } from '../../journal/journal.ts';
import { type Body, type BodyLimits, decodeContent, readBody } from './body.ts';
import type { IntegrationConfig } from './config.ts';
import { Entries, readMembers } from './entry.ts';
import { Refusal } from './refusal.ts';
import { type Claim, readClaim, Verifier } from './signature.ts';

/**
 * Intercom gives up after 5 s and then tries once more; a 429 makes it try for two hours. So an answer leaves before that,
 * also when the disk hangs. What gets stored after all is recognised as a duplicate later.
 */
const ANSWER_WITHIN_MS = 4500;
/** Time for storing at least, however long the body took. */
const STORE_WITHIN_MS = 1500;
export class Intake {
  readonly #context: ReceiverContext;
  readonly #limits: BodyLimits;
  readonly #entries: Entries;
  /** Absent with `signature: none`. */
  readonly #verifier: Verifier | undefined;

  constructor(config: IntegrationConfig, context: ReceiverContext, limits: BodyLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#entries = new Entries(context.id, config);
    const secrets: Secret[] = config.client_secrets ?? (config.client_secret ? [config.client_secret] : []);
    this.#verifier = config.signature === 'none' ? undefined : new Verifier(secrets);
  }

  /**
   * Resolves with the text of the 200: what the request brought is durable, or was before, or needs no storing.
   * @throws {Refusal}
   */
  async take(request: IncomingMessage, response: ServerResponse): Promise<string> {
    const began = this.#context.clock.monotonic();
    const claim = this.#claim(request);
    const body = await readBody(request, response, this.#limits);
    let storing = false;
    try {
      if (this.#verifier && !this.#verifier.verify(claim, body.bytes)) {
        throw new Refusal(401, 'signature', 'the signature does not match', {
          hint: "client_secret must be the app's client secret (no API key, no token); a proxy must not change the body",
        });
      }
      const { bytes, problem } = this.#decode(body, request.headers['content-encoding']);
      const members = readMembers(bytes);
      // Installation health check: the only signed request that is no event.
      if (claim.body && !claim.hub && typeof members.workspace_id === 'string') return '{"state":"OK"}';
      const uninstall = claim.body && !claim.hub && members.topic === undefined && typeof members.app_id === 'string';

      const entry = this.#entries.of(bytes, members, {
        receivedAt: this.#context.clock.now(),
        kind: uninstall ? 'uninstall' : 'notification',
        ...(problem !== undefined && { encodingError: problem }),
      });
      storing = true;
      await this.#store(entry, body, began);
      return claim.body ? '{}' : '';
    } finally {
      if (!storing) body.release();
    }
  }

  /** What the headers claim. Without a secret there is nothing to verify, and X-Body-Signature only tells the kind. */
  #claim({ headers }: IncomingMessage): Claim {
    const claim = readClaim(headers);
    if (!('problem' in claim)) return claim;
    if (this.#verifier) throw new Refusal(401, 'signature', claim.problem);
    return {};
  }

  /** What is signed is kept: bytes that can't be decoded as they came, with the problem beside them. */
  #decode(body: Body, encoding: string | undefined): { bytes: Buffer; problem?: string } {
    const decoded = decodeContent(body.bytes, encoding, this.#limits);
    if (decoded.kind === 'too_large') {
      throw new Refusal(413, 'too_large', `the body is larger than ${this.#limits.maxBytes} bytes when decompressed`);
    }
    if (decoded.kind === 'unreadable') return { bytes: body.bytes, problem: decoded.problem };
    if (decoded.bytes !== body.bytes) body.hold(decoded.bytes.length);
    return { bytes: decoded.bytes };
  }

  /** The body stays in the budget until the journal is done with it, also when the answer couldn't wait so long. */
  #store(entry: NewEntry, body: Body, began: number): Promise<void> {
    const { clock } = this.#context;
    return new Promise((resolve, reject) => {
      const left = Math.max(STORE_WITHIN_MS, began + ANSWER_WITHIN_MS - clock.monotonic());
      const patience = clock.schedule(left, () => reject(new Refusal(429, 'failed', 'storing takes too long')));
      const done = () => {
        patience.cancel();
        body.release();
      };
      this.#accept(entry).then(
        () => {
          done();
          resolve();
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }

  async #accept(entry: NewEntry): Promise<void> {
    try {
      await this.#context.accept([entry]);
    } catch (error) {
      if (error instanceof JournalError) throw refusalOf(error);
      throw error;
    }
  }
}

function refusalOf({ code }: JournalError): Refusal {
  switch (code) {
    case 'full':
      return new Refusal(429, 'full', 'no room to store the event now');
    case 'failed':
      return new Refusal(429, 'failed', 'the event could not be stored now');
    case 'closed':
      return new Refusal(503, 'stopping', 'stopping');
  }
}
