import type { LogRecordProcessor, Resource } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { mutableResource, mutableScope, type RecordScope } from '../../record/resource.ts';
import type { ValueMap } from '../../record/value.ts';
import { batchProcessor } from '../batch-processor.ts';
import { sharedChange } from '../shared-change.ts';
import { redactAttributes } from './attributes.ts';
import { redactBody } from './body.ts';
import type { RedactionConfig } from './config.ts';
import { compileRules } from './rules.ts';
import { summarizer } from './summary.ts';

/** Removes and masks attributes of resources, scopes and records, and what stands in bodies. Forwards every record. */
export function createRedactionProcessor(config: RedactionConfig, next: LogRecordProcessor): LogRecordProcessor {
  const rules = compileRules(config);
  const summarize = summarizer(config.summary, 'redaction');
  const summarizeBody = summarizer(config.summary, 'redaction.body');
  const redact = (attributes: ValueMap) =>
    summarize(redactAttributes(attributes, rules, config.redact_all_types), attributes);
  const resourceOf = sharedChange((resource: Resource): Resource => {
    if (Object.keys(resource.attributes).length === 0) return resource;
    const copy = mutableResource(resource);
    redact(copy.attributes as ValueMap);
    return copy;
  });
  const scopeOf = sharedChange((scope: RecordScope): RecordScope => {
    if (!scope.attributes || Object.keys(scope.attributes).length === 0) return scope;
    const copy = mutableScope(scope);
    redact(copy.attributes as ValueMap);
    return copy;
  });
  const redactRecord = (record: LogRecord) => {
    record.resource = resourceOf(record.resource);
    record.instrumentationScope = scopeOf(record.instrumentationScope);
    redact(record.attributes as ValueMap);
    const findings = redactBody(record, rules);
    if (findings) summarizeBody(findings, record.attributes as ValueMap);
  };
  return batchProcessor(next, (records) => {
    for (const record of records) redactRecord(record);
    return records;
  });
}
