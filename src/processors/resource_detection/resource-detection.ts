import type { LogRecordProcessor, Resource } from '../../otel.ts';
import { mutableResource } from '../../record/resource.ts';
import { copyValue, setOwn, type ValueMap } from '../../record/value.ts';
import { batchProcessor } from '../batch-processor.ts';
import { sharedChange } from '../shared-change.ts';
import type { ResourceDetectionConfig } from './config.ts';
import { fromEnvironment } from './environment.ts';
import { fromMachine, type Machine } from './machine.ts';

/** Of the conventions whose names the detector `system` uses. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.40.0';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
}

/**
 * Adds what describes the place where the agent runs to each resource. It is found out once, here.
 * @throws {Error} for an environment variable that can't be read: the agent does not start with it
 */
export function createResourceDetection(
  config: ResourceDetectionConfig,
  surroundings: Surroundings,
  next: LogRecordProcessor,
): LogRecordProcessor {
  const detected = Object.entries(detect(config, surroundings));
  const schemaUrl = config.detectors.includes('system') ? SCHEMA_URL : undefined;
  const changed = sharedChange((resource: Resource): Resource => {
    const copy = mutableResource(resource);
    if (schemaUrl !== undefined) copy.schemaUrl ??= schemaUrl;
    const attributes = copy.attributes as ValueMap;
    for (const [key, value] of detected) {
      if (config.override || !Object.hasOwn(attributes, key)) setOwn(attributes, key, copyValue(value));
    }
    return copy;
  });
  return batchProcessor(next, (records) => {
    for (const record of records) record.resource = changed(record.resource);
    return records;
  });
}

function detect(config: ResourceDetectionConfig, { environment, machine }: Surroundings): ValueMap {
  const all: ValueMap = {};
  for (const detector of config.detectors) {
    const found =
      detector === 'env'
        ? fromEnvironment(environment)
        : fromMachine(machine, (name) => config.system.resource_attributes[name].enabled);
    for (const [key, value] of Object.entries(found)) if (!Object.hasOwn(all, key)) setOwn(all, key, value);
  }
  return all;
}
