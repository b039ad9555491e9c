import { type PersonalClass, privacyLevels } from '../../intercom/convention/privacy.ts';
import { BODY_ERROR } from '../../intercom/convention.ts';
import { type FieldClass, isConvention, placeOfAttribute, TOP } from '../../intercom/privacy.ts';
import { isKnownTopic } from '../../intercom/topics.ts';
import type { LogBody, LogRecordProcessor } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { getOwn, isMap, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { batchProcessor } from '../batch-processor.ts';
import { type IntercomPrivacyConfig, isClass } from './config.ts';
import { compilePlaces } from './keep.ts';
import { KnownPeople } from './known.ts';
import { REMOVED, replacementOf } from './replacement.ts';
import { Rewriting, type RewritingRules } from './rewriting.ts';

/** Takes from records what does not leave at the configured level. Forwards every record. */
export function createIntercomPrivacyProcessor(
  config: IntercomPrivacyConfig,
  next: LogRecordProcessor,
): LogRecordProcessor {
  if (config.level === 'off') return batchProcessor(next, (records) => records);
  const ordinary = rulesOf(config, privacyLevels[config.level]);
  // What nobody has seen yet may be a message under any key.
  const strictest = rulesOf(config, [...privacyLevels[config.level], ...privacyLevels.no_content]);
  return batchProcessor(next, (records) => {
    for (const record of records) protect(record, isOfKnownTopic(record) ? ordinary : strictest);
    return records;
  });
}

function rulesOf(config: IntercomPrivacyConfig, hidden: readonly PersonalClass[]): RewritingRules {
  const kept = new Set<FieldClass>(config.keep.filter(isClass));
  return {
    hidden: new Set<FieldClass>(hidden.filter((one) => !kept.has(one))),
    replacement: replacementOf(config),
    keeps: compilePlaces(config.keep.filter((entry) => !isClass(entry))),
  };
}

function protect(record: LogRecord, rules: RewritingRules): void {
  const body = record.body as Value;
  const people = new KnownPeople();
  people.collect(body, TOP);
  const attributes = record.attributes as ValueMap;
  for (const key of Object.keys(attributes))
    if (!isConvention(key)) people.collect(attributes[key], placeOfAttribute(key, attributes[key]));
  record.body = protectedBody(body, record, new Rewriting(rules, people)) as LogBody;
  const rewriting = new Rewriting(rules, people, ['attributes']);
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const kept = rewriting.member(key, value, placeOfAttribute(key, value));
    const name = isConvention(key) ? key : rewriting.key(key, undefined);
    if (kept === REMOVED || name !== key) delete attributes[key];
    if (kept !== REMOVED && (kept !== value || name !== key)) setOwn(attributes, name, kept);
  }
  protectNames(record, rewriting);
}

/** What other processors put beside the notification is looked at like what stands in it. A text may be a notification that could not be read. */
function protectedBody(body: Value, { attributes }: LogRecord, rewriting: Rewriting): Value {
  if (isMap(body) && 'intercom' in body) {
    const copy: ValueMap = {};
    for (const key of Object.keys(body)) {
      const place = { ...TOP, key, owner: body };
      const kept = key === 'intercom' ? rewriting.value(body[key], TOP) : rewriting.member(key, body[key], place);
      if (kept !== REMOVED) setOwn(copy, key, kept);
    }
    return copy;
  }
  const isWritten = typeof body === 'string' && attributes[BODY_ERROR] === undefined;
  const kept = rewriting.value(body, isWritten ? { ...TOP, key: 'body' } : TOP);
  return kept === REMOVED ? undefined : kept;
}

/** Names that are words, as nearly all are, stay; a transform may have written a text there. */
function protectNames(record: LogRecord, rewriting: Rewriting): void {
  for (const key of ['eventName', 'severityText'] as const) {
    const name = record[key];
    if (name === undefined || (/^[\w.-]*$/.test(name) && !rewriting.names(name))) continue;
    const kept = rewriting.member(key, name, { ...TOP, key: 'body', container: 'unknown' });
    record[key] = typeof kept === 'string' ? kept : undefined;
  }
}

function isOfKnownTopic({ attributes, body }: LogRecord): boolean {
  const value = body as Value;
  const notification = isMap(value) ? getOwn(value, 'intercom') : undefined;
  const topic = (isMap(notification) ? getOwn(notification, 'topic') : undefined) ?? attributes['intercom.topic'];
  return typeof topic === 'string' && isKnownTopic(topic);
}
