import type { LogRecordProcessor, Resource } from '../../otel.ts';
import { mutableResource } from '../../record/resource.ts';
import type { ValueMap } from '../../record/value.ts';
import { compileActions } from '../attribute-actions/actions.ts';
import { batchProcessor } from '../batch-processor.ts';
import { sharedChange } from '../shared-change.ts';
import type { ResourceConfig } from './config.ts';

/** Changes the attributes of each resource by a list of actions. Records that shared one share what became of it. */
export function createResourceProcessor(config: ResourceConfig, next: LogRecordProcessor): LogRecordProcessor {
  const change = compileActions(config.attributes);
  const changed = sharedChange((resource: Resource): Resource => {
    const copy = mutableResource(resource);
    change(copy.attributes as ValueMap);
    return copy;
  });
  return batchProcessor(next, (records) => {
    for (const record of records) record.resource = changed(record.resource);
    return records;
  });
}
