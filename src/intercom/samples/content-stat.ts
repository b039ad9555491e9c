/** What became of outbound content: by far the most frequent notifications of whoever sends campaigns. */
import { contact } from './contact.ts';
import type { SampleSource } from './source.ts';

/** What can happen to each kind. */
const STATS: Readonly<Record<string, readonly string[]>> = {
  banner: ['receipt', 'open', 'click', 'dismiss'],
  carousel: ['receipt', 'dismissal', 'completion'],
  chat: ['receipt', 'open', 'reply'],
  checklist: ['receipt', 'checklist_step_completed', 'completion'],
  custom_bot: ['receipt', 'answer', 'completion'],
  email: ['hard_bounce', 'receipt', 'open', 'click', 'soft_bounce', 'spam_complaint', 'unsubscribe'],
  news_item: ['receipt', 'open', 'reaction'],
  post: ['receipt', 'open', 'reaction'],
  push: ['receipt', 'open', 'push_failure'],
  series: ['series_completion', 'series_exit', 'goal_success'],
  'series.webhook': ['receipt', 'failure'],
  sms: ['receipt', 'click', 'sms_failure'],
  survey: ['receipt', 'answer', 'completion'],
  tooltip_group: ['receipt', 'open', 'dismissal'],
  tour: ['receipt', 'tour_step_view', 'completion'],
};

/** By topic. */
export const contentStatSamples: Readonly<Record<string, (source: SampleSource) => object>> = Object.fromEntries(
  Object.entries(STATS).map(([kind, stats]) => [
    `content_stat.${kind}`,
    (source: SampleSource) => contentStat(source, kind, stats),
  ]),
);

function contentStat(source: SampleSource, kind: string, stats: readonly string[]): object {
  const series = kind.startsWith('series') || source.chance(30);
  const title = source.pick(['What is new, for', 'Reminder to']);
  return {
    type: `content_stat.${kind}`,
    content_stat: {
      type: 'content_stat',
      id: source.digits(12),
      content_type: kind,
      content_id: source.digits(8),
      content_title: source.personal(`${title} ${source.companyName}`),
      stat_type: kind === 'email' && source.chance(30) ? 'hard_bounce' : source.pick(stats),
      ruleset_id: source.digits(8),
      ruleset_version_id: source.digits(8),
      receipt_id: source.digits(12),
      series_id: series ? source.digits(6) : null,
      node_id: series ? source.digits(6) : null,
      series_title: series ? source.personal(`Welcome, week ${source.between(1, 4)}`) : null,
      ...(kind === 'survey' && survey(source)),
    },
    contact: contact(source, 'user'),
    created_at: source.zulu(1),
  };
}

function survey(source: SampleSource): object {
  return {
    question_id: source.digits(5),
    question_title: 'How did we do?',
    question_response: source.personal(source.told.remark),
  };
}
