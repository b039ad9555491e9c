/** Notifications of our own making, as Intercom would send them: for `send`, `demo`, tests and documentation. */
import { adminSamples } from './samples/admin.ts';
import { callSamples } from './samples/call.ts';
import { companySamples } from './samples/company.ts';
import { contactSamples } from './samples/contact.ts';
import { contentSamples } from './samples/content.ts';
import { contentStatSamples } from './samples/content-stat.ts';
import { conversationSamples } from './samples/conversation.ts';
import { otherSamples } from './samples/others.ts';
import { SampleSource } from './samples/source.ts';
import { ticketSamples } from './samples/ticket.ts';
import { userSamples } from './samples/user.ts';
import { type Generation, knownTopics } from './topics.ts';

const samples: ReadonlyMap<string, (source: SampleSource) => object> = new Map(
  Object.entries({
    ...adminSamples,
    ...callSamples,
    ...companySamples,
    ...contactSamples,
    ...contentSamples,
    ...contentStatSamples,
    ...conversationSamples,
    ...otherSamples,
    ...ticketSamples,
    ...userSamples,
  }),
);

const shapesOf = new Map(knownTopics.map(({ topic, generations }) => [topic, generations]));

/** Topics that have a sample of their own: every known one. */
export const sampleTopics: readonly string[] = knownTopics.map(({ topic }) => topic);

export interface SampleOptions {
  /** Milliseconds since the epoch: the notification was made now. */
  readonly now: number;
  /** Gives a UUID for the notification's id. Called once, or not at all (a ping has no id). */
  readonly id: () => string;
  /** A whole number from 0 to 2^32 - 1. For the same seed, people, texts, numbers and which fields are there are the same. */
  readonly seed?: number;
  /** Which shape a topic gets that Intercom knows in both: `2.x` as today (the default), `1.x` as the oldest apps get it. */
  readonly generation?: Generation;
}

export interface SampleNotification {
  readonly id: string | null;
  readonly topic: string;
  readonly created_at: number;
  readonly [key: string]: unknown;
}

/** A notification, and what must not leak of it. */
export interface SampleWithSecrets {
  readonly notification: SampleNotification;
  /**
   * Everything personal that stands in it, as it stands there: names, addresses, telephone numbers, texts by paragraph
   * (with entities where it is HTML), secret links and the tokens in them. Each occurs in its JSON, and has at least four
   * characters; none holds a character that JSON escapes. Ids, counts, times and country codes are not among them.
   */
  readonly personal: readonly string[];
}

/** Any topic may be asked for: an unknown one gets an item with little more than a type and an id. */
export function sampleNotification(topic: string, options: SampleOptions): SampleNotification {
  return make(topic, options).notification;
}

export function sampleWithSecrets(topic: string, options: SampleOptions): SampleWithSecrets {
  const { notification, source } = make(topic, options);
  const text = JSON.stringify(notification);
  return { notification, personal: [...source.handedOut].filter((each) => text.includes(each)) };
}

function make(topic: string, { now, id, seed = 1, generation = '2.x' }: SampleOptions) {
  const shapes = shapesOf.get(topic) ?? [generation];
  const shape = shapes.includes(generation) ? generation : (shapes[0] as Generation);
  const source = new SampleSource(now, seed, shape, topic);
  const item = samples.get(topic)?.(source) ?? generic(source, topic);
  const ping = topic === 'ping';
  const notification: SampleNotification = {
    type: 'notification_event',
    app_id: source.appId,
    data: { type: 'notification_event_data', item },
    links: {},
    id: ping ? null : `notif_${id()}`,
    topic,
    delivery_status: ping ? null : 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: source.unix(),
    created_at: source.unix(),
    self: null,
  };
  return { notification, source };
}

function generic(source: SampleSource, topic: string): object {
  return { type: topic.split('.')[0], id: source.digits(12), created_at: source.unix(1) };
}
