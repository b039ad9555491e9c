/** Notifications of our own making, as Intercom would send them: for `send`, `demo` and tests. */
import { conversationSamples } from './samples/conversation.ts';
import { otherSamples } from './samples/others.ts';
import { peopleSamples } from './samples/people.ts';
import { type Generation, SampleSource } from './samples/source.ts';
import { ticketSamples } from './samples/ticket.ts';

const samples: ReadonlyMap<string, (source: SampleSource, topic: string) => object> = new Map(
  Object.entries({ ...conversationSamples, ...ticketSamples, ...peopleSamples, ...otherSamples }),
);

/** Topics that have a sample of their own. */
export const sampleTopics: readonly string[] = [...samples.keys()];

export interface SampleOptions {
  /** Milliseconds since the epoch: the notification was made now. */
  readonly now: number;
  /** Gives a UUID for the notification's id. Called once, or not at all (a ping has no id). */
  readonly id: () => string;
  /** People and numbers are the same for the same seed. */
  readonly seed?: number;
  /** Shape of conversations: `2.x` as today (the default), `1.x` as the oldest apps get it. */
  readonly generation?: Generation;
}

export interface SampleNotification {
  readonly id: string | null;
  readonly topic: string;
  readonly created_at: number;
  readonly [key: string]: unknown;
}

/** Any topic may be asked for: one without a sample of its own gets an item with little more than a type and an id. */
export function sampleNotification(topic: string, options: SampleOptions): SampleNotification {
  const source = new SampleSource(options.now, options.seed ?? 1, options.generation ?? '2.x');
  const item = samples.get(topic) ?? generic;
  const ping = topic === 'ping';
  return {
    type: 'notification_event',
    app_id: source.appId,
    data: { type: 'notification_event_data', item: item(source, topic) },
    links: {},
    id: ping ? null : `notif_${options.id()}`,
    topic,
    delivery_status: ping ? null : 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: source.unix(),
    created_at: source.unix(),
    self: null,
  };
}

function generic(source: SampleSource, topic: string): object {
  return { type: topic.split('.')[0], id: source.digits(12), created_at: source.unix(1) };
}
