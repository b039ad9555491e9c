import { type Generation, knownTopics } from '../topics.ts';

/** How often a topic comes, out of about a hundred, in a workspace that talks with customers and sends some campaigns. */
const OFTEN: Readonly<Record<string, number>> = {
  'conversation.user.replied': 16,
  'conversation.admin.replied': 14,
  'contact.user.updated': 11,
  'content_stat.email': 10,
  'conversation.user.created': 6,
  'conversation.operator.replied': 5,
  'conversation.read': 5,
  'conversation.admin.closed': 4,
  'conversation.admin.assigned': 4,
  'event.created': 4,
  'content_stat.chat': 3,
  'ticket.state.updated': 2,
  'contact.user.created': 2,
  'contact.lead.created': 2,
  'conversation.rating.added': 1,
  'ticket.created': 1,
};
/** Of every other topic. */
const SELDOM = 0.1;

/**
 * Topics as they come in life: a few make up most, every one of them comes at some time. Replaced ones come only to apps
 * of the 1.x line, so they are left out where the generation is 2.x. `random` gives numbers in [0, 1).
 */
export function topicMix(random: () => number, generation?: Generation): () => string {
  const weighed: { topic: string; upTo: number }[] = [];
  let total = 0;
  for (const { topic, generations } of knownTopics) {
    if (generation && !generations.includes(generation)) continue;
    total += OFTEN[topic] ?? SELDOM;
    weighed.push({ topic, upTo: total });
  }
  return () => {
    const at = random() * total;
    return (weighed.find(({ upTo }) => at < upTo) ?? (weighed.at(-1) as { topic: string })).topic;
  };
}
