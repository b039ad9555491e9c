/** Every letter, and where it lies: one small object each, and none of its bytes. */
import type { LetterInfo, LetterKey } from '../../dead-letters.ts';
import type { Position } from '../../journal.ts';
import type { Salt } from '../frame.ts';
import type { Change, LetterHead } from './frames.ts';

/** What is known of a segment without reading it. Numbers of frames take the place that positions have in the journal. */
export interface LetterSegment {
  readonly first: number;
  readonly salt: Salt;
  /** The first number beyond it. Of the last segment: the number of the next frame. */
  end: number;
  /** Up to here it holds durable frames. */
  bytes: number;
  /** Bytes of the letters in it that count. */
  live: number;
}

export interface Place {
  readonly segment: LetterSegment;
  readonly offset: number;
  readonly bytes: number;
}

/** A letter that counts. It changes when it is marked, renamed or copied. */
export interface Kept extends LetterKey {
  delivery: string;
  readonly position: Position;
  readonly kind: LetterInfo['kind'];
  readonly at: number;
  readonly attempts: number;
  readonly records: number;
  retrying: boolean;
  segment: LetterSegment;
  offset: number;
  bytes: number;
}

export class LetterIndex {
  readonly #deliveries = new Map<string, Map<Position, Kept>>();
  #size = 0;
  /** No letter became one earlier, but such as are to be sent again. */
  #oldestAt = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#size;
  }

  find({ delivery, position }: LetterKey): Kept | undefined {
    return this.#deliveries.get(delivery)?.get(position);
  }

  /** A change that is durable; `place` is its frame's. */
  apply(change: Change, place: Place): void {
    if (change.type === 'letter') this.put(change.head, place);
    else if (change.type === 'rename') this.rename(change.from, change.to);
    else if (change.type === 'remove' || change.type === 'retry') {
      for (const position of change.positions) this[change.type]({ delivery: change.delivery, position });
    }
  }

  put(head: LetterHead, { segment, offset, bytes }: Place): void {
    this.remove(head);
    const { delivery, position, kind, at, attempts, records, retrying } = head;
    this.#insert({ delivery, position, kind, at, attempts, records, retrying, segment, offset, bytes });
    segment.live += bytes;
    if (!retrying) this.#oldestAt = Math.min(this.#oldestAt, at);
  }

  remove({ delivery, position }: LetterKey): void {
    const letters = this.#deliveries.get(delivery);
    const letter = letters?.get(position);
    if (!letters || !letter) return;
    letters.delete(position);
    if (letters.size === 0) this.#deliveries.delete(delivery);
    this.#size--;
    letter.segment.live -= letter.bytes;
  }

  retry(key: LetterKey): void {
    const letter = this.find(key);
    if (letter) letter.retrying = true;
  }

  /** Each takes the place of one that the other delivery has at the same position. */
  rename(from: string, to: string): void {
    if (from === to) return;
    for (const letter of this.of(from)) {
      this.remove({ delivery: to, position: letter.position });
      this.remove(letter);
      letter.delivery = to;
      this.#insert(letter);
      letter.segment.live += letter.bytes;
    }
  }

  /** Its copy is durable. */
  move(letter: Kept, { segment, offset, bytes }: Place): void {
    letter.segment.live -= letter.bytes;
    letter.segment = segment;
    letter.offset = offset;
    letter.bytes = bytes;
    segment.live += bytes;
  }

  of(delivery: string): Kept[] {
    return [...(this.#deliveries.get(delivery)?.values() ?? [])];
  }

  /** In the order in which they lie there. */
  within(segment: LetterSegment): Kept[] {
    const found: Kept[] = [];
    for (const letter of this.#all()) if (letter.segment === segment) found.push(letter);
    return found.sort((a, b) => a.offset - b.offset);
  }

  /** Those that became letters before `time` and are not to be sent again. */
  olderThan(time: number): Kept[] {
    if (this.#oldestAt >= time) return [];
    const found: Kept[] = [];
    let oldestAt = Number.POSITIVE_INFINITY;
    for (const letter of this.#all()) {
      if (letter.retrying) continue;
      if (letter.at < time) found.push(letter);
      oldestAt = Math.min(oldestAt, letter.at);
    }
    this.#oldestAt = oldestAt;
    return found;
  }

  /** As `StoredLetters.list`. */
  list(): LetterInfo[] {
    return [...this.#deliveries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, letters]) =>
        [...letters.values()]
          .sort((a, b) => a.position - b.position)
          .map(({ delivery, position, kind, at, attempts, records, bytes, retrying }) => {
            return { delivery, position, kind, at, attempts, records, bytes, retrying };
          }),
      );
  }

  *#all(): Generator<Kept> {
    for (const letters of this.#deliveries.values()) yield* letters.values();
  }

  #insert(letter: Kept): void {
    const letters = this.#deliveries.get(letter.delivery);
    if (letters) letters.set(letter.position, letter);
    else this.#deliveries.set(letter.delivery, new Map([[letter.position, letter]]));
    this.#size++;
  }
}
