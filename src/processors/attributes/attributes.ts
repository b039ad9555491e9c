import type { LogRecordProcessor } from '../../otel.ts';
import type { ValueMap } from '../../record/value.ts';
import { compileActions } from '../attribute-actions/actions.ts';
import { batchProcessor } from '../batch-processor.ts';
import type { AttributesConfig } from './config.ts';
import { compileSelection } from './matching.ts';

/** Changes the attributes of each record that is included by a list of actions, and forwards every record. */
export function createAttributesProcessor(config: AttributesConfig, next: LogRecordProcessor): LogRecordProcessor {
  const change = compileActions(config.actions);
  const isSelected = compileSelection(config.include, config.exclude);
  return batchProcessor(next, (records) => {
    for (const record of records) if (isSelected(record)) change(record.attributes as ValueMap);
    return records;
  });
}
