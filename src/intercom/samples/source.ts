import type { Generation } from '../topics.ts';
import {
  COMPANIES,
  CUSTOMERS,
  PHONES,
  PLACES,
  type Place,
  PSEUDONYMS,
  type Somebody,
  TEAMMATES,
  USER_AGENTS,
} from './cast.ts';
import { seededRandom } from './random.ts';
import { STORIES, type Story } from './texts.ts';

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly id: string;
  /** The id that the customer's own systems know them by; now and then their e-mail address, as in life. */
  readonly externalId: string;
  /** E.164, and as people write it. */
  readonly phone: string;
  readonly formattedPhone: string;
  readonly pseudonym: string;
  readonly avatarUrl: string;
  readonly ip: string;
  readonly userAgent: string;
  readonly place: Place;
}

export interface Teammate {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly title: string;
}

/** Minor versions of the API in the 2.x line between which conversations and tickets differ. */
export type Version = 11 | 14 | 15 | 16;

export const TEAM_ID = 8100077;

/**
 * Where samples take everything from that varies: the same for the same seed. Who it is about and the ids of the
 * conversation, the ticket and the company depend on the seed alone, so that the samples of one seed tell one story; the
 * rest depends on the topic too.
 *
 * What goes through `personal` is remembered: names, addresses, texts, secret links.
 */
export class SampleSource {
  readonly appId = 'demo4pp1';
  readonly generation: Generation;
  readonly version: Version;
  readonly customer: Person;
  readonly teammate: Teammate;
  /** A second teammate, never the first. */
  readonly colleague: Teammate;
  readonly companyName: string;
  readonly companyId: string;
  readonly conversationId: string;
  readonly ticketId: string;
  /** What the customer and the team write to each other, the number filled in. */
  readonly told: Story;
  /** Everything personal that was asked for so far; not all of it need stand in the notification. */
  readonly handedOut = new Set<string>();
  readonly #now: number;
  #random: () => number;

  /** `now` in milliseconds since the epoch. */
  constructor(now: number, seed: number, generation: Generation, topic: string) {
    this.#now = Math.floor(now / 1000);
    this.#random = seededRandom(seed);
    this.generation = generation;
    this.version = this.pick([14, 16, 14, 15, 16, 11]);
    const first = this.between(0, TEAMMATES.length - 1);
    this.teammate = this.#teammate(first);
    this.colleague = this.#teammate((first + this.between(1, TEAMMATES.length - 1)) % TEAMMATES.length);
    this.customer = this.#person(this.pick(CUSTOMERS));
    this.companyName = this.personal(this.pick(COMPANIES));
    this.companyId = this.hex();
    this.conversationId = `2${this.digits(14)}`;
    this.ticketId = `2${this.digits(14)}`;
    this.told = this.#story(this.pick(STORIES));
    let ofTopic = seed;
    for (const character of topic) ofTopic = Math.imul(ofTopic, 31) + character.charCodeAt(0);
    this.#random = seededRandom(ofTopic);
  }

  /** Remembers it, and gives it back. Pieces of fewer than four characters are in too many other texts to be told apart. */
  personal(text: string): string {
    if (text.length >= 4) this.handedOut.add(text);
    return text;
  }

  /** Seconds since the epoch. */
  unix(secondsAgo = 0): number {
    return this.#now - secondsAgo;
  }

  /** As contacts and companies have it: milliseconds and an offset. */
  iso(secondsAgo = 0): string {
    return this.zulu(secondsAgo).replace('Z', '+00:00');
  }

  /** As statistics and articles have it. */
  zulu(secondsAgo = 0): string {
    return new Date(this.unix(secondsAgo) * 1000).toISOString();
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.#random() * 100 < percent;
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

  /** A hexadecimal id, of 24 digits as contacts and companies have it. */
  hex(length = 24): string {
    let text = '6';
    while (text.length < length) text += this.between(0, 15).toString(16);
    return text;
  }

  uuid(): string {
    const hex = this.hex(32);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  #story(story: Story): Story {
    const number = this.digits(6);
    const filled = Object.entries(story).map(([key, text]) => [key, text.replace('{n}', number)]);
    return Object.fromEntries(filled);
  }

  #teammate(index: number): Teammate {
    const { id, name, mailbox, title } = TEAMMATES[index] as (typeof TEAMMATES)[number];
    return {
      id,
      name: this.personal(name),
      email: this.personal(`${mailbox}@support.example`),
      title: this.personal(title),
    };
  }

  #person({ name, mailbox, place }: Somebody): Person {
    const email = this.personal(`${mailbox}${this.between(1, 99)}@${this.pick(['example.com', 'mail.example'])}`);
    const where = PLACES[place] as Place;
    for (const text of [where.city, where.region, where.country, where.postalCode, where.timezone]) this.personal(text);
    this.personal(String(where.latitude));
    this.personal(String(where.longitude));
    const [prefix, digits, formatted] = this.pick(PHONES);
    const number = this.digits(digits);
    let at = 0;
    return {
      name: this.personal(name),
      email,
      id: this.hex(),
      externalId: this.chance(15) ? email : this.pick([`cust-${this.digits(6)}`, this.digits(5), this.uuid()]),
      phone: this.personal(`${prefix}${number}`),
      formattedPhone: this.personal(formatted.replace(/#/g, () => number[at++] as string)),
      pseudonym: this.personal(this.pick(PSEUDONYMS)),
      avatarUrl: this.personal(`https://images.example/avatars/${this.hex(32)}.png`),
      ip: this.personal(
        this.chance(25) ? `2001:db8:${this.hex(4)}::${this.hex(3)}` : `203.0.113.${this.between(1, 254)}`,
      ),
      userAgent: this.personal(this.pick(USER_AGENTS)),
      place: where,
    };
  }
}
