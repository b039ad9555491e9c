/** Dead letters in memory: as those on disk, for as long as the process lives. */
import type { Clock } from '../../clock.ts';
import { type Log, silentLog } from '../../telemetry/log.ts';
import type { DeadLetter, DeadLetters, DeadLettersStatus, LetterInfo, LetterKey } from '../dead-letters.ts';
import { Expiry, type LetterLimits, tooFull } from '../file/dead-letters/limits.ts';
import type { Entry, Position } from '../journal.ts';

interface Kept {
  readonly letter: DeadLetter;
  readonly bytes: number;
  retrying: boolean;
}

/** `limits.maxBytes`: of the bytes in letters. */
export function memoryDeadLetters(limits: LetterLimits, clock: Clock, log: Log = silentLog): DeadLetters {
  return new MemoryDeadLetters(limits, clock, log);
}

class MemoryDeadLetters implements DeadLetters {
  readonly #limits: LetterLimits;
  readonly #clock: Clock;
  readonly #expiry: Expiry;
  readonly #deliveries = new Map<string, Map<Position, Kept>>();
  #bytes = 0;
  #full = false;

  constructor(limits: LetterLimits, clock: Clock, log: Log) {
    this.#limits = limits;
    this.#clock = clock;
    this.#expiry = new Expiry(clock, log);
  }

  list(): LetterInfo[] {
    return [...this.#deliveries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, letters]) => [...letters.values()].map(infoOf).sort((a, b) => a.position - b.position));
  }

  async get(key: LetterKey): Promise<DeadLetter | undefined> {
    const kept = this.#find(key);
    return kept && copyOf(kept.letter);
  }

  status(): DeadLettersStatus {
    const { maxBytes } = this.#limits;
    const letters = [...this.#deliveries.values()].reduce((sum, { size }) => sum + size, 0);
    return { letters, bytes: this.#bytes, maxBytes, full: this.#full, expired: this.#expiry.total };
  }

  async put(letters: readonly DeadLetter[]): Promise<void> {
    // The last one of a key counts.
    const byKey = new Map(letters.map((letter) => [`${letter.position} ${letter.delivery}`, letter]));
    const kept = [...byKey.values()].map((letter) => ({
      letter: copyOf(letter),
      bytes: bytesOf(letter),
      retrying: false,
    }));
    const replaced = kept.reduce((sum, { letter }) => sum + (this.#find(letter)?.bytes ?? 0), 0);
    const added = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    if (added > 0 && this.#bytes - replaced + added > this.#limits.maxBytes) {
      this.#full = true;
      throw tooFull(this.#bytes, this.#limits);
    }
    for (const one of kept) this.#insert(one);
    if (letters.length > 0) this.#full = false;
  }

  async retry(keys: readonly LetterKey[]): Promise<LetterKey[]> {
    const known = new Set(keys.map((key) => this.#find(key)).filter((kept) => kept !== undefined));
    for (const kept of known) kept.retrying = true;
    return [...known].map(({ letter: { delivery, position } }) => ({ delivery, position }));
  }

  async remove(keys: readonly LetterKey[]): Promise<void> {
    for (const key of keys) this.#delete(key);
  }

  async rename(from: string, to: string): Promise<void> {
    if (from === to) return;
    for (const kept of [...(this.#deliveries.get(from)?.values() ?? [])]) {
      this.#delete(kept.letter);
      this.#insert({ ...kept, letter: { ...kept.letter, delivery: to } });
    }
  }

  async erase(matches: (entry: Entry) => boolean): Promise<number> {
    const found = this.#all().filter(({ letter }) => matches(letter.entry));
    for (const { letter } of found) {
      this.#delete(letter);
      for (const bytes of [letter.entry.body, letter.sent]) bytes?.fill(0);
    }
    return found.length;
  }

  async maintain(): Promise<void> {
    const { maxAgeMs } = this.#limits;
    if (maxAgeMs > 0) {
      const before = this.#clock.now() - maxAgeMs;
      const expired = this.#all().filter(({ letter, retrying }) => letter.at < before && !retrying);
      for (const { letter } of expired) this.#delete(letter);
      this.#expiry.count(expired.map(({ letter }) => letter));
    }
    this.#expiry.tell();
  }

  #find({ delivery, position }: LetterKey): Kept | undefined {
    return this.#deliveries.get(delivery)?.get(position);
  }

  #all(): Kept[] {
    return [...this.#deliveries.values()].flatMap((letters) => [...letters.values()]);
  }

  #insert(kept: Kept): void {
    const { delivery, position } = kept.letter;
    this.#delete(kept.letter);
    const letters = this.#deliveries.get(delivery);
    if (letters) letters.set(position, kept);
    else this.#deliveries.set(delivery, new Map([[position, kept]]));
    this.#bytes += kept.bytes;
  }

  #delete({ delivery, position }: LetterKey): void {
    const letters = this.#deliveries.get(delivery);
    const kept = letters?.get(position);
    if (!letters || !kept) return;
    letters.delete(position);
    if (letters.size === 0) this.#deliveries.delete(delivery);
    this.#bytes -= kept.bytes;
    this.#full = false;
  }
}

function infoOf({ letter, bytes, retrying }: Kept): LetterInfo {
  const { delivery, position, entry, cause, at, attempts } = letter;
  return { delivery, position, kind: cause.kind, at, attempts, records: entry.records, bytes, retrying };
}

/** Nobody else has its bytes. */
function copyOf(letter: DeadLetter): DeadLetter {
  const { entry, sent, cause } = letter;
  const metadata = Object.freeze({ ...entry.metadata });
  return {
    ...letter,
    entry: { ...entry, metadata, body: Buffer.from(entry.body) },
    ...(sent && { sent: Buffer.from(sent) }),
    cause: { ...cause },
  };
}

function bytesOf({ entry, sent }: DeadLetter): number {
  return entry.body.length + (sent?.length ?? 0);
}
