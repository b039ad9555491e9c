import { createHash } from 'node:crypto';
import type { AnyValue, LogAttributes, LogRecordProcessor } from '../../otel.ts';
import { setOwn } from '../../record/value.ts';
import type { AttributesConfig } from './config.ts';

type Step = (attributes: LogAttributes) => void;

/** Changes the attributes of each record by a list of actions, and forwards it. */
export function createAttributesProcessor(config: AttributesConfig, next: LogRecordProcessor): LogRecordProcessor {
  const steps = config.actions.map(compile);
  return {
    onEmit(record, context) {
      for (const step of steps) step(record.attributes);
      next.onEmit(record, context);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

function compile({ key, action, value, from_attribute }: AttributesConfig['actions'][number]): Step {
  const source = (attributes: LogAttributes): AnyValue | undefined =>
    from_attribute === undefined
      ? value
      : Object.hasOwn(attributes, from_attribute)
        ? attributes[from_attribute]
        : undefined;
  const set = (attributes: LogAttributes) => {
    const found = source(attributes);
    if (found !== undefined) setOwn(attributes, key, found);
  };
  switch (action) {
    case 'insert':
      return (attributes) => {
        if (!Object.hasOwn(attributes, key)) set(attributes);
      };
    case 'update':
      return (attributes) => {
        if (Object.hasOwn(attributes, key)) set(attributes);
      };
    case 'upsert':
      return set;
    case 'delete':
      return (attributes) => {
        delete attributes[key];
      };
    case 'hash':
      return (attributes) => {
        if (Object.hasOwn(attributes, key)) setOwn(attributes, key, sha256(attributes[key]));
      };
  }
}

function sha256(value: AnyValue): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  return createHash('sha256').update(text).digest('hex');
}
