import { tag } from './contact.ts';
import type { SampleSource } from './source.ts';
import { commonPart, type Turn } from './turn.ts';
import { emailMetadata } from './writing.ts';

/** The parts that come with a notification: usually the one that caused it, last. */
export function parts(source: SampleSource, turn: Turn): object[] {
  return [...(turn.before ?? []), turn].filter(({ partType }) => partType).map((each) => part(source, each));
}

function part(source: SampleSource, turn: Turn): object {
  const { version } = source;
  const common = commonPart(source, turn) as { author: object };
  const bot = turn.by === 'bot';
  return {
    ...common,
    ...(version >= 14 && { author: { ...common.author, from_ai_agent: bot, is_ai_answer: bot && source.chance(50) } }),
    redacted: turn.redacted === true,
    ...(version >= 13 && {
      ...(version >= 14 && { metadata: metadata(source, turn) }),
      email_message_metadata:
        turn.by === 'user' && turn.says && source.chance(50) ? emailMetadata(source, source.told.subject) : null,
      state: turn.state ?? 'open',
      tags: turn.tagged ? [tag(source)] : [],
      event_details: {},
      app_package_code: turn.by === 'admin' && source.chance(20) ? 'larkspur-sync' : null,
    }),
    ...(turn.translated && { translations: translations(source) }),
  };
}

/** Which buttons were offered, for instance. */
function metadata(source: SampleSource, turn: Turn): object {
  if (turn.by !== 'bot' || !turn.says) return {};
  return {
    quick_reply_options: [{ text: source.personal(`Call me on ${source.customer.phone}`), uuid: source.uuid() }],
  };
}

export function translations(source: SampleSource): object {
  const { told, customer } = source;
  return {
    type: 'translation.list',
    translations: [
      { locale: 'fr', body: source.personal(`Bonjour ${customer.name}, merci : nous nous occupons de votre demande.`) },
      { locale: told.language, body: source.personal(told.answer) },
    ],
  };
}
