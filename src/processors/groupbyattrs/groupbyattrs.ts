import type { LogRecordProcessor, Resource } from '../../otel.ts';
import type { LogRecord } from '../../record/log-record.ts';
import { RecordResource, type RecordScope } from '../../record/resource.ts';
import { copyValue, setOwn, type Value, type ValueMap } from '../../record/value.ts';
import { identityOf } from '../../record/value-text.ts';
import { batchProcessor } from '../batch-processor.ts';
import { sharedChange } from '../shared-change.ts';
import type { GroupByAttrsConfig } from './config.ts';

/** Resources that are remembered, so that records of later batches stand under the same ones. */
const MAX_KNOWN = 1000;
/** The same in characters of their attributes: who writes a message may write a long one. */
const MAX_KNOWN_TEXT = 1024 * 1024;

interface Group {
  readonly resource: RecordResource;
  /** By name and version: the first of them stands for all. */
  readonly scopes: Map<string, { readonly scope: RecordScope; readonly records: LogRecord[] }>;
}

/**
 * Moves attributes of records to their resource, and puts records of equal resources and of equal scopes together, in order of
 * first appearance. Schema URLs get lost, and so do the counts of attributes that resources have dropped: they are not of
 * what is together now.
 */
export function createGroupByAttrsProcessor(config: GroupByAttrsConfig, next: LogRecordProcessor): LogRecordProcessor {
  const keys = [...new Set(config.keys)].filter((key) => key !== '');
  const resources = new KnownResources();
  const scopeOf = sharedChange((scope: RecordScope): RecordScope => {
    const { schemaUrl, ...rest } = scope;
    return schemaUrl === undefined ? scope : rest;
  });
  return batchProcessor(next, (records) => {
    resources.beginBatch();
    const groups = new Map<RecordResource, Group>();
    for (const record of records) {
      const resource = resources.with(record.resource, taken(record, keys));
      const group = ensured(groups, resource, () => ({ resource, scopes: new Map() }));
      const { name, version = '' } = record.instrumentationScope;
      const id = `${name.length}:${name}${version}`;
      const scope = ensured(group.scopes, id, () => ({ scope: scopeOf(record.instrumentationScope), records: [] }));
      scope.records.push(record);
    }
    return [...groups.values()].flatMap(({ resource, scopes }) =>
      [...scopes.values()].flatMap(({ scope, records: members }) => {
        for (const record of members) {
          record.resource = resource;
          record.instrumentationScope = scope;
        }
        return members;
      }),
    );
  });
}

function ensured<Key, Item>(map: Map<Key, Item>, key: Key, create: () => Item): Item {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

/** What the record has under the keys, no longer in its attributes. Undefined: it has none of them. */
function taken(record: LogRecord, keys: readonly string[]): ValueMap | undefined {
  const attributes = record.attributes as ValueMap;
  let found: ValueMap | undefined;
  for (const key of keys) {
    if (!Object.hasOwn(attributes, key)) continue;
    found ??= {};
    setOwn(found, key, attributes[key]);
    delete attributes[key];
  }
  return found;
}

/** One object for all resources that have the same attributes. */
class KnownResources {
  #byIdentity = new Map<string, RecordResource>();
  #plain = new Map<Resource, RecordResource>();
  #text = 0;

  /** Within a batch nothing is forgotten. */
  beginBatch(): void {
    this.#plain = new Map();
    if (this.#byIdentity.size < MAX_KNOWN && this.#text < MAX_KNOWN_TEXT) return;
    this.#byIdentity = new Map();
    this.#text = 0;
  }

  with(resource: Resource, attributes: ValueMap | undefined): RecordResource {
    if (!attributes) return ensured(this.#plain, resource, () => this.#of(resource.attributes as ValueMap));
    const all: ValueMap = { ...(resource.attributes as ValueMap) };
    for (const [key, value] of Object.entries(attributes)) setOwn(all, key, value);
    return this.#of(all);
  }

  #of(attributes: ValueMap): RecordResource {
    const identity = identityOf(attributes);
    return ensured(this.#byIdentity, identity, () => {
      this.#text += identity.length;
      return new RecordResource({ attributes: copyValue(attributes as Value) as ValueMap });
    });
  }
}
