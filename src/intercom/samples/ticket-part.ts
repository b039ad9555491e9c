import { assignee } from './contact.ts';
import { translations } from './conversation-part.ts';
import type { SampleSource } from './source.ts';
import { author } from './turn.ts';
import { attachment, body } from './writing.ts';

/** What happened to a ticket. */
export type Step =
  | 'collected'
  | 'expectation'
  | 'state'
  | 'resolved'
  | 'admin'
  | 'team'
  | 'note'
  | 'answer'
  | 'translated'
  | 'reply'
  | 'attribute'
  | 'close';

export function ticketPart(source: SampleSource, step: Step): object {
  const common = (partType: string, by: 'user' | 'admin' | 'bot') => ({
    type: 'ticket_part',
    id: source.digits(11),
    part_type: partType,
    created_at: source.unix(1),
    updated_at: source.unix(1),
    author: author(source, by),
    attachments: [] as object[],
    redacted: false,
  });
  const says = (text: string) => body(source, [text], { link: source.chance(20), mail: source.chance(20) });
  switch (step) {
    case 'collected':
      return common('attribute_collected', 'bot');
    case 'expectation':
      return {
        ...common('channel_and_reply_time_expectation', 'bot'),
        body: body(source, ['We answer here and by mail.'], { mail: true }),
      };
    case 'state':
    case 'resolved':
      return {
        ...common('ticket_state_updated_by_admin', 'admin'),
        ticket_state: step === 'state' ? 'in_progress' : 'resolved',
        previous_ticket_state: step === 'state' ? 'submitted' : 'in_progress',
      };
    case 'admin':
    case 'team':
      return { ...common('assignment', 'admin'), assigned_to: assignee(source, step) };
    case 'note':
      return { ...common('note', 'admin'), body: says(source.told.note) };
    case 'answer':
      return { ...common('comment', 'admin'), body: says(source.told.answer) };
    case 'translated':
      return { ...common('comment', 'admin'), body: says(source.told.answer), translations: translations(source) };
    case 'reply':
      return {
        ...common('comment', 'user'),
        body: says(source.told.detail),
        attachments: source.chance(60) ? [attachment(source)] : [],
      };
    case 'attribute':
      return { ...common('ticket_attribute_updated_by_admin', 'admin'), updated_attribute_data: changed(source) };
    case 'close':
      return common('close', 'admin');
  }
}

function changed(source: SampleSource): object {
  const value = source.personal(`Call back ${source.customer.name} first`);
  return {
    attribute: { type: 'attribute', id: source.digits(7), label: 'Next step' },
    value: { type: 'value', id: value, label: value, previous: source.personal(source.told.subject) },
  };
}
