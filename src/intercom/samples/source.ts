/** Invented people and things, the same for the same seed. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly id: string;
  /** The id that the customer's own systems know them by. */
  readonly externalId: string;
}

export interface Teammate {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

/** Which shape conversations have: `1.x` is what the oldest apps still get. */
export type Generation = '1.x' | '2.x';

export class SampleSource {
  readonly appId = 'demo4pp1';
  readonly generation: Generation;
  readonly customer: Person;
  readonly teammate: Teammate;
  readonly #now: number;
  #state: number;

  /** `now` in milliseconds since the epoch. */
  constructor(now: number, seed: number, generation: Generation) {
    this.#now = Math.floor(now / 1000);
    this.#state = seed >>> 0;
    this.generation = generation;
    this.customer = this.#person();
    this.teammate = this.pick(TEAMMATES);
  }

  /** Seconds since the epoch. */
  unix(secondsAgo = 0): number {
    return this.#now - secondsAgo;
  }

  /** As contacts and companies have it. */
  iso(secondsAgo = 0): string {
    return new Date(this.unix(secondsAgo) * 1000).toISOString().replace('Z', '+00:00');
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1));
  }

  /** A decimal id of so many digits, as conversations and parts have it. */
  digits(count: number): string {
    let text = String(this.between(1, 9));
    while (text.length < count) text += this.between(0, 9);
    return text;
  }

  /** A hexadecimal id of 24 digits, as contacts and companies have it. */
  hex(): string {
    let text = '6';
    while (text.length < 24) text += this.between(0, 15).toString(16);
    return text;
  }

  #person(): Person {
    const [given, family] = this.pick(CUSTOMERS);
    return {
      name: `${given} ${family}`,
      email: `${given}.${family}@example.com`.toLowerCase(),
      id: this.hex(),
      externalId: `cust-${this.digits(6)}`,
    };
  }

  /** Uniform in [0, 1): mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}

const CUSTOMERS = [
  ['Ilse', 'Haverkamp'],
  ['Tomas', 'Brandvold'],
  ['Noor', 'Castellan'],
  ['Priya', 'Wexford'],
  ['Emeka', 'Lindqvist'],
] as const;

const TEAMMATES: readonly Teammate[] = [
  { id: 7100421, name: 'Rosa Quintero', email: 'rosa@support.example' },
  { id: 7100422, name: 'Jonas Abelard', email: 'jonas@support.example' },
];

export const TEAM_ID = 8100077;
