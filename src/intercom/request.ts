import { createHmac } from 'node:crypto';

/** How long Intercom waits for an answer, in milliseconds. */
export const ANSWER_MS = 5000;

/** The headers of a POST as Intercom makes it. Without a secret it is unsigned. */
export function webhookHeaders(body: Uint8Array, secret: string | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'intercom-parrot-service-client/1.0',
    ...(secret !== undefined && {
      'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
    }),
  };
}
