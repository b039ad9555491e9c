/** How grave a notification is: a table over its attributes, which a configuration can override. */
import { SeverityNumber } from '../../otel.ts';
import type { Value } from '../../record/value.ts';

export const severityLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type SeverityLevel = (typeof severityLevels)[number];

/**
 * The key `severity` of a configuration: one level for everything, or levels by topic, where a topic may end in `*`
 * (`content_stat.*`, or `*` for all). The first that matches wins, in the order written; topics that none matches keep
 * the level of the table.
 */
export type SeverityConfig = SeverityLevel | Readonly<Record<string, SeverityLevel>>;

/** For the schema: a topic, or the beginning of one followed by `*`. */
export const TOPIC_PATTERN = /^[A-Za-z0-9_.-]*\*?$/;

export interface Severity {
  readonly number: SeverityNumber;
  readonly text: string;
}

export interface SeverityRule {
  readonly level: SeverityLevel;
  /** An attribute of the convention, and the values of it that call for the level. */
  readonly attribute: string;
  readonly values: readonly (string | boolean)[];
  readonly description: string;
}

/** The first rule that applies wins; INFO where none does. */
export const severityRules: readonly SeverityRule[] = [
  {
    level: 'error',
    attribute: 'intercom.data_connector.success',
    values: [false],
    description: 'A data connector failed.',
  },
  {
    level: 'error',
    attribute: 'intercom.job.status',
    values: ['failed', 'failure', 'error'],
    description: 'A job failed.',
  },
  {
    level: 'warn',
    attribute: 'intercom.content_stat.stat_type',
    values: [
      'failure',
      'hard_bounce',
      'soft_bounce',
      'spam_complaint',
      'push_failure',
      'sms_failure',
      'tour_step_failure',
    ],
    description: 'Outbound content did not arrive, or was called spam.',
  },
  {
    level: 'warn',
    attribute: 'intercom.activity_log.activity_type',
    values: ['admin_login_failure', 'admin_unauthorized_sign_in_method'],
    description: 'A teammate could not log in.',
  },
  {
    level: 'warn',
    attribute: 'intercom.conversation.sla_status',
    values: ['missed'],
    description: 'The conversation has missed its SLA.',
  },
];

const severities: Readonly<Record<SeverityLevel, Severity>> = {
  trace: { number: SeverityNumber.TRACE, text: 'TRACE' },
  debug: { number: SeverityNumber.DEBUG, text: 'DEBUG' },
  info: { number: SeverityNumber.INFO, text: 'INFO' },
  warn: { number: SeverityNumber.WARN, text: 'WARN' },
  error: { number: SeverityNumber.ERROR, text: 'ERROR' },
  fatal: { number: SeverityNumber.FATAL, text: 'FATAL' },
};

/** `topic` is the event name without `intercom.`, so `unknown` and `app.uninstalled` can be matched too. */
export type SeverityOf = (topic: string, attributes: Readonly<Record<string, Value>>) => Severity;

export function createSeverity(config: SeverityConfig = {}): SeverityOf {
  if (typeof config === 'string') {
    const severity = severities[config];
    return () => severity;
  }
  const overrides = Object.entries(config);
  return (topic, attributes) => {
    const override = overrides.find(([pattern]) => matches(pattern, topic));
    return severities[override?.[1] ?? ruleLevel(attributes)];
  };
}

function ruleLevel(attributes: Readonly<Record<string, Value>>): SeverityLevel {
  for (const { attribute, values, level } of severityRules) {
    const value = attributes[attribute];
    if (value !== undefined && values.some((candidate) => candidate === value)) return level;
  }
  return 'info';
}

function matches(pattern: string, topic: string): boolean {
  return pattern.endsWith('*') ? topic.startsWith(pattern.slice(0, -1)) : topic === pattern;
}
