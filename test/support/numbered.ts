/**
 * Notifications that are told apart by a number and made from it, so that a suite of millions need not keep them: the same
 * number and epoch give the same bytes.
 */

/** Bytes, in round figures. */
const SMALL = 300;
const LARGE = 40_000;

/** Every so many notifications is a large one of about 40 KB. */
const LARGE_EVERY = 61;

export function isLarge(number: number): boolean {
  return number % LARGE_EVERY === LARGE_EVERY - 1;
}

/** The number in the id of such a notification. */
export function numberOf(id: string): number | undefined {
  const digits = /^evt-(\d+)$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** @param epoch seconds: the time of the first notification */
export function numberedNotification(number: number, epoch: number): string {
  const at = epoch + Math.floor(number / 1000);
  const length = isLarge(number) ? LARGE : SMALL + ((number * 7919) % 1500);
  return JSON.stringify({
    type: 'notification_event',
    app_id: 'abc12345',
    data: {
      type: 'notification_event_data',
      item: {
        type: 'conversation',
        id: String(number),
        state: 'open',
        title: 'Grüße 👋 "quoted" \\ \n\u0001',
        priority: null,
        open: number % 2 === 0,
        rating: -number / 8,
        tags: { type: 'tag.list', tags: [] },
        statistics: {},
        parts: [{ id: `p${number}`, body: 'x'.repeat(length) }, [1, [2, [3]]]],
      },
    },
    links: {},
    id: `evt-${number}`,
    topic: number % 3 === 0 ? 'conversation.admin.closed' : 'conversation.user.replied',
    delivery_status: 'pending',
    delivery_attempts: 1,
    delivered_at: 0,
    first_sent_at: at,
    created_at: at,
    self: null,
  });
}
