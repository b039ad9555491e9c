import type { InstrumentationScope, Resource } from '../otel.ts';
import { copyValue, type ValueMap } from './value.ts';

/** A scope as OTLP has it. */
export interface RecordScope extends InstrumentationScope {
  readonly attributes?: ValueMap;
  readonly droppedAttributesCount?: number;
}

/**
 * A resource as OTLP has it, whose attributes may be changed by whoever made it, as long as nobody else has seen it. The
 * resource of a record is shared with other records, and with other deliveries: replace it, see `mutableResource`.
 */
export class RecordResource implements Resource {
  attributes: Resource['attributes'];
  droppedAttributesCount: number;
  schemaUrl?: string;

  constructor(fields: { attributes?: ValueMap; droppedAttributesCount?: number; schemaUrl?: string } = {}) {
    this.attributes = (fields.attributes ?? {}) as Resource['attributes'];
    this.droppedAttributesCount = fields.droppedAttributesCount ?? 0;
    if (fields.schemaUrl) this.schemaUrl = fields.schemaUrl;
  }

  merge(other: Resource | null): RecordResource {
    const attributes = { ...this.attributes, ...other?.attributes } as ValueMap;
    const schemaUrl = other?.schemaUrl ?? this.schemaUrl;
    return new RecordResource({ attributes, ...(schemaUrl && { schemaUrl }) });
  }

  getRawAttributes(): [string, Resource['attributes'][string]][] {
    return Object.entries(this.attributes);
  }
}

/** A copy that may be changed. */
export function mutableResource(resource: Resource): RecordResource {
  return new RecordResource({
    attributes: copyValue(resource.attributes as ValueMap) as ValueMap,
    droppedAttributesCount: droppedCount(resource),
    ...(resource.schemaUrl && { schemaUrl: resource.schemaUrl }),
  });
}

/** A copy that may be changed. */
export function mutableScope(scope: RecordScope): { -readonly [Key in keyof RecordScope]: RecordScope[Key] } {
  return { ...scope, attributes: copyValue(scope.attributes ?? {}) as ValueMap };
}

/** Of a resource or a scope; 0 for those of the SDK. */
export function droppedCount(of: Resource | RecordScope): number {
  const count = (of as { droppedAttributesCount?: unknown }).droppedAttributesCount;
  return typeof count === 'number' ? count : 0;
}
