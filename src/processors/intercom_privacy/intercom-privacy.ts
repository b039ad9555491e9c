import { type PersonalClass, privacyLevels } from '../../intercom/convention/privacy.ts';
import { attributeConventions, BODY_ERROR } from '../../intercom/convention.ts';
import { type FieldClass, isId, type Place } from '../../intercom/privacy.ts';
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
  const ordinary = rulesOf(config, privacyLevels[config.level]);
  // What nobody has seen yet may be a message under any key.
  const strictest = rulesOf(config, [...privacyLevels[config.level], ...privacyLevels.no_content]);
  if (config.level === 'off') return batchProcessor(next, (records) => records);
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

const TOP: Place = { key: '', parent: '', owner: undefined, container: undefined };

function protect(record: LogRecord, rules: RewritingRules): void {
  const body = record.body as Value;
  const people = new KnownPeople();
  people.collect(body, TOP);
  record.body = protectedBody(body, record, new Rewriting(rules, people)) as LogBody;
  const attributes = record.attributes as ValueMap;
  const rewriting = new Rewriting(rules, people, ['attributes']);
  for (const key of Object.keys(attributes)) {
    const kept = rewriting.member(key, attributes[key], placeOfAttribute(key, attributes[key]));
    if (kept === REMOVED) delete attributes[key];
    else if (kept !== attributes[key]) setOwn(attributes, key, kept);
  }
}

/** The envelope that the receiver puts around a notification is ours. A text may be a notification that could not be read. */
function protectedBody(body: Value, { attributes }: LogRecord, rewriting: Rewriting): Value {
  if (isMap(body) && 'intercom' in body) {
    const notification = rewriting.value(body.intercom, TOP);
    if (notification === body.intercom) return body;
    const copy: ValueMap = { ...body };
    if (notification === REMOVED) delete copy.intercom;
    else copy.intercom = notification;
    return copy;
  }
  const isWritten = typeof body === 'string' && attributes[BODY_ERROR] === undefined;
  const kept = rewriting.value(body, isWritten ? { ...TOP, key: 'body' } : TOP);
  return kept === REMOVED ? undefined : kept;
}

const conventions = new Map(attributeConventions.map((attribute) => [attribute.name, attribute]));
/** Attributes that hold what stands in a body under these keys. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['user.id', 'external_id'],
  ['intercom.company.company_id', 'external_id'],
  ['intercom.api_request.path', 'path'],
]);

/**
 * Attributes of the receiver are ids, words and numbers by convention. Those that something else made may hold what it found in
 * the body: what looks like an id passes as one, anything else as a text.
 */
function placeOfAttribute(name: string, value: Value): Place {
  const convention = conventions.get(name);
  const alias = ALIASES.get(name);
  if (alias) return { ...TOP, key: alias };
  if (!convention) return { ...TOP, key: isId(value) ? 'external_id' : 'body' };
  if (convention.pii === 'location') return { ...TOP, key: 'country_code' };
  return convention.type.startsWith('enum') ? { ...TOP, key: 'type', container: 'label' } : { ...TOP, key: 'id' };
}

function isOfKnownTopic({ attributes, body }: LogRecord): boolean {
  const value = body as Value;
  const notification = isMap(value) ? getOwn(value, 'intercom') : undefined;
  const topic = (isMap(notification) ? getOwn(notification, 'topic') : undefined) ?? attributes['intercom.topic'];
  return typeof topic === 'string' && isKnownTopic(topic);
}
