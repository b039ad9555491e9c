/** Invented notifications of any size, and signed requests with them that cost their sender little. */
import { createHmac } from 'node:crypto';

/** Ids are `load-` and a number of this many digits. */
const DIGITS = 8;
const ID = /load-(\d{8})/;

/** The size of an average one. */
export const USUAL_BYTES = 2400;

export function notificationId(number: number): string {
  return `load-${String(number).padStart(DIGITS, '0')}`;
}

/** The number in the id of a notification that is made here. */
export function notificationNumber(id: string): number | undefined {
  const found = ID.exec(id);
  return found ? Number(found[1]) : undefined;
}

const WORDS = 'Thanks for getting back to me so quickly, that solved it and the export works now. ';
const AUTHOR = { type: 'user', id: '63ca1db6', name: 'A. Person', email: 'person@example.com' };

/** A reply in a conversation. Larger ones have more parts, as those of long conversations; below 1,400 bytes little is left. */
export function notification(number: number, bytes = USUAL_BYTES): Buffer {
  const parts: object[] = [];
  const build = (padding: string) => Buffer.from(JSON.stringify(envelope(number, bytes, parts, padding)));
  let body = build('');
  const room = () => bytes - body.length;
  const partBytes = JSON.stringify(part(0)).length + 1;
  for (let count = Math.max(0, Math.floor(room() / partBytes)); count > 0; count--) parts.push(part(parts.length));
  body = build('');
  while (room() < 0 && parts.pop()) body = build('');
  return room() > 0 ? build('x'.repeat(room())) : body;
}

function part(index: number): object {
  return {
    type: 'conversation_part',
    id: String(10_000 + index),
    part_type: 'comment',
    body: WORDS.repeat(6),
    author: AUTHOR,
  };
}

function envelope(number: number, bytes: number, parts: readonly object[], padding: string): object {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...{ type: 'notification_event', app_id: 'abc12345', id: notificationId(number) },
    ...{ topic: 'conversation.user.replied', delivery_status: 'pending', delivery_attempts: 1 },
    ...{ created_at: now, first_sent_at: now, delivered_at: 0, links: {}, self: null },
    data: { type: 'notification_event_data', item: bytes < 1400 ? small(padding) : conversation(now, parts, padding) },
  };
}

function small(padding: string): object {
  return { type: 'conversation', id: '215468900012345', state: 'open', title: padding };
}

function conversation(now: number, parts: readonly object[], padding: string): object {
  return {
    ...{ type: 'conversation', id: '215468900012345', created_at: now - 100, updated_at: now },
    ...{ state: 'open', open: true, read: false, priority: 'not_priority' },
    ...{ admin_assignee_id: 1234567, team_assignee_id: 7654321 },
    source: {
      ...{ type: 'conversation', id: '98765', delivered_as: 'customer_initiated', subject: '' },
      ...{ body: `<p>${WORDS.repeat(2)}${padding}</p>`, author: AUTHOR },
    },
    contacts: { type: 'contact.list', contacts: [{ type: 'contact', id: '63ca1db6', external_id: '42' }] },
    teammates: { type: 'admin.list', admins: [{ type: 'admin', id: '1234567' }] },
    tags: { type: 'tag.list', tags: [{ type: 'tag', id: '1', name: 'export' }] },
    statistics: {
      ...{ time_to_assignment: 12, time_to_admin_reply: 340 },
      ...{ count_reopens: 1, count_assignments: 2, count_conversation_parts: 7 },
    },
    conversation_parts: { parts, total_count: parts.length },
  };
}

/** Requests of one path, equal but for the id and the signature, made by copying. */
export class RequestTemplate {
  readonly #bytes: Buffer;
  readonly #secret: string;
  readonly #signatureAt: number;
  readonly #bodyAt: number;
  readonly #digitsAt: number;

  constructor(options: { readonly path: string; readonly secret: string; readonly bytes: number }) {
    const body = notification(0, options.bytes);
    const head = [
      ...[`POST ${options.path} HTTP/1.1`, 'host: 127.0.0.1', 'content-type: application/json'],
      ...[`content-length: ${body.length}`, `x-hub-signature: sha1=${'0'.repeat(40)}`, '\r\n'],
    ].join('\r\n');
    this.#bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    this.#secret = options.secret;
    this.#signatureAt = head.indexOf('sha1=') + 5;
    this.#bodyAt = head.length;
    this.#digitsAt = this.#bytes.indexOf(notificationId(0)) + 'load-'.length;
  }

  get length(): number {
    return this.#bytes.length;
  }

  make(number: number): Buffer {
    const request = Buffer.from(this.#bytes);
    request.write(String(number).padStart(DIGITS, '0'), this.#digitsAt, 'latin1');
    const signature = createHmac('sha1', this.#secret).update(request.subarray(this.#bodyAt)).digest('hex');
    request.write(signature, this.#signatureAt, 'latin1');
    return request;
  }
}
