/** What commands do with dead letters, beside a running agent and on the directory of a stopped one alike. */
import type { DeadLetter, DeadLetters, LetterInfo, LetterKey, StoredLetters } from '../journal/dead-letters.ts';
import { isOfDelivery, partsOf } from './delivery-names.ts';
import type { EntryFacts } from './entry-facts.ts';
import { letterIds } from './letter-ids.ts';
import { type Letter, type LetterDetails, type LetterFilter, OperationError } from './operations.ts';
import { patternTest } from './pattern.ts';
import { instantOf } from './times.ts';

/** So many unknown ids are named in an error. */
const NAMED_IDS = 5;
/** Letters that are marked, or removed, at a time. */
const CHUNK = 500;

/** Reading alone. */
export class StoredLetterOperations {
  readonly #letters: StoredLetters;
  readonly #topicOf: EntryFacts['topicOf'];

  constructor(letters: StoredLetters, { topicOf }: Pick<EntryFacts, 'topicOf'>) {
    this.#letters = letters;
    this.#topicOf = topicOf;
  }

  /** As `Operations.letters`. @throws {OperationError} for ids that are no letter's, and for times that are none. */
  async list(filter: LetterFilter): Promise<Letter[]> {
    const found: Letter[] = [];
    for await (const { info, id, letter } of this.#matching(filter)) found.push(this.#summary(info, id, letter));
    return found;
  }

  /** As `Operations.letterDetails`: one in memory at a time. @throws as `list` */
  async *details(filter: LetterFilter): AsyncGenerator<LetterDetails> {
    for await (const { info, id, letter } of this.#matching(filter)) {
      const body = Buffer.from(letter?.entry.body ?? []);
      const text = asText(body);
      yield {
        ...this.#summary(info, id, letter),
        source: letter?.entry.source ?? '',
        metadata: letter?.entry.metadata ?? {},
        answer: letter?.cause.body ?? null,
        record: recordOf(letter),
        body: text ?? body.toString('base64'),
        body_encoding: text === undefined ? 'base64' : 'utf8',
      };
    }
  }

  /** Those that match, in order of time. @throws as `list` */
  async select(filter: LetterFilter): Promise<LetterInfo[]> {
    const found: LetterInfo[] = [];
    // What their content says is only read where it decides.
    if (filter.topic === undefined) return this.#candidates(filter).map(({ info }) => info);
    for await (const { info } of this.#matching(filter)) found.push(info);
    return found;
  }

  async *#matching(
    filter: LetterFilter,
  ): AsyncGenerator<{ info: LetterInfo; id: string; letter: DeadLetter | undefined }> {
    const isWanted = filter.topic === undefined ? undefined : patternTest(filter.topic);
    for (const { info, id } of this.#candidates(filter)) {
      const letter = await this.#letters.get(info);
      // Delivered or discarded since the list was made, as opposed to damaged.
      if (!letter && !this.#letters.list().some((present) => isSame(present, info))) continue;
      if (isWanted) {
        const topic = letter && this.#topicOf(letter.entry);
        if (topic === undefined || !isWanted(topic)) continue;
      }
      yield { info, id, letter };
    }
  }

  #candidates(filter: LetterFilter): { info: LetterInfo; id: string }[] {
    const idOf = letterIds();
    const since = instantOf('since', filter.since) ?? Number.NEGATIVE_INFINITY;
    const until = instantOf('until', filter.until) ?? Number.POSITIVE_INFINITY;
    const all = this.#letters.list().map((info) => ({ info, id: idOf(info) }));
    const wanted = filter.ids && new Set(filter.ids);
    if (wanted) assertKnown(wanted, new Set(all.map(({ id }) => id)));
    return all
      .filter(({ info, id }) => {
        if (wanted && !wanted.has(id)) return false;
        if (filter.delivery !== undefined && !isOfDelivery(info.delivery, filter.delivery)) return false;
        if (filter.kind !== undefined && info.kind !== filter.kind) return false;
        return info.at >= since && info.at < until;
      })
      .sort((a, b) => a.info.at - b.info.at);
  }

  #summary(info: LetterInfo, id: string, letter: DeadLetter | undefined): Letter {
    return {
      id,
      ...partsOf(info.delivery),
      position: info.position,
      kind: info.kind,
      reason: letter?.cause.summary ?? 'the letter is damaged: what it held cannot be read',
      status: letter?.cause.status ?? null,
      at: new Date(info.at).toISOString(),
      received_at: new Date(letter?.entry.receivedAt ?? info.at).toISOString(),
      attempts: info.attempts,
      records: info.records,
      bytes: info.bytes,
      topic: (letter && this.#topicOf(letter.entry)) ?? null,
      retrying: info.retrying,
    };
  }
}

/** Reading and changing. Who retries or discards a letter of a delivery that is at work tells it so that it looks again. */
export class LetterOperations extends StoredLetterOperations {
  readonly #letters: DeadLetters;

  constructor(letters: DeadLetters, facts: Pick<EntryFacts, 'topicOf'>) {
    super(letters, facts);
    this.#letters = letters;
  }

  /**
   * Marks letters to be sent again. `sends` says whether there is a delivery of this name: letters of others are left as they
   * are, for nobody would send them. Resolves with the keys by delivery.
   * @throws {OperationError} when letters match and none of them can be sent; as `list` besides
   */
  async retry(
    filter: LetterFilter,
    sends: (delivery: string) => boolean,
  ): Promise<{ letters: number; left: number; byDelivery: ReadonlyMap<string, readonly LetterKey[]> }> {
    const selected = await this.select(filter);
    const sendable = selected.filter(({ delivery }) => sends(delivery));
    const left = selected.length - sendable.length;
    if (left > 0 && sendable.length === 0) {
      const names = [...new Set(selected.map(({ delivery }) => delivery))].join(', ');
      throw new OperationError(
        `Nobody would send these letters: there is no delivery of their name any more (${names}). Nothing was changed. They can be exported or discarded.`,
      );
    }
    const byDelivery = new Map<string, LetterKey[]>();
    let letters = 0;
    for (let at = 0; at < sendable.length; at += CHUNK) {
      for (const key of await this.#letters.retry(sendable.slice(at, at + CHUNK))) {
        const keys = byDelivery.get(key.delivery);
        if (keys) keys.push(key);
        else byDelivery.set(key.delivery, [key]);
        letters++;
      }
    }
    return { letters, left, byDelivery };
  }

  /** Gives letters up. Resolves with what they were. @throws as `list` */
  async discard(filter: LetterFilter): Promise<LetterInfo[]> {
    const selected = await this.select(filter);
    for (let at = 0; at < selected.length; at += CHUNK) await this.#letters.remove(selected.slice(at, at + CHUNK));
    return selected;
  }
}

function isSame(a: LetterKey, b: LetterKey): boolean {
  return a.delivery === b.delivery && a.position === b.position;
}

function assertKnown(wanted: ReadonlySet<string>, known: ReadonlySet<string>): void {
  const unknown = [...wanted].filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, NAMED_IDS).join(', ');
  const more = unknown.length > NAMED_IDS ? ` and ${unknown.length - NAMED_IDS} more` : '';
  throw new OperationError(`There is no dead letter ${named}${more}. \`dead-letters list\` prints the ids.`);
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function recordOf(letter: DeadLetter | undefined): unknown {
  if (!letter?.sent) return null;
  try {
    return JSON.parse(Buffer.from(letter.sent).toString());
  } catch {
    return null;
  }
}
