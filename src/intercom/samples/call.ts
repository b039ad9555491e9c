import type { SampleSource } from './source.ts';
import { signedUrl } from './writing.ts';

/** By topic. */
export const callSamples: Readonly<Record<string, (source: SampleSource) => object>> = {
  'call.started': (source) => call(source, 'answered'),
  'call.ended': (source) => ({ ...call(source, 'ended'), ...end(source) }),
  'call.recording_available': (source) => ({
    ...call(source, 'ended'),
    ...end(source),
    recording_url: signedUrl(source, `recording-${source.digits(6)}.mp3`),
  }),
  'call.transcription_available': (source) => ({
    ...call(source, 'ended'),
    ...end(source),
    recording_url: signedUrl(source, `recording-${source.digits(6)}.mp3`),
    transcription_url: signedUrl(source, `transcript-${source.digits(6)}.json`),
  }),
};

function call(source: SampleSource, state: string): object {
  return {
    type: 'call',
    id: source.digits(8),
    conversation_id: source.conversationId,
    admin_id: String(source.teammate.id),
    contact_id: source.customer.id,
    state,
    direction: source.pick(['inbound', 'outbound']),
    call_type: source.pick(['phone', 'phone', 'internet']),
    ended_reason: null,
    phone: source.customer.phone,
    initiated_at: source.zulu(320),
    answered_at: source.zulu(300),
    ended_at: null,
    created_at: source.zulu(320),
    updated_at: source.zulu(1),
    recording_url: null,
    transcription_url: null,
    ...(source.chance(40) && { fin_recording_url: signedUrl(source, `fin-${source.digits(6)}.mp3`) }),
  };
}

function end(source: SampleSource): object {
  const talk = source.between(10, 290);
  return {
    ended_reason: source.pick(['completed', 'hangup', 'dropped']),
    ended_at: source.zulu(300 - talk),
    ...(source.chance(50) && {
      duration: talk + 20,
      talk_time: talk,
      hold_time: source.between(0, 10),
      queue_time: source.between(0, 20),
    }),
  };
}
