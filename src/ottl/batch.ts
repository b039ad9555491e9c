/**
 * The records that one entry became, as resources, scopes and records, so that statements run once for each of them. What
 * statements change is made the batch's own before, and what has not changed stays shared: exporters group by identity.
 */
import type { InstrumentationScope, Resource } from '../otel.ts';
import type { LogRecord } from '../record/log-record.ts';
import { mutableResource, mutableScope, type RecordResource } from '../record/resource.ts';
import type { ValueMap } from '../record/value.ts';
import { isEqual } from './compare.ts';
import type { MutableScope } from './context.ts';

export interface ResourceGroup {
  readonly resource: RecordResource;
  readonly scopes: readonly ScopeGroup[];
}

export interface ScopeGroup {
  readonly scope: MutableScope;
  readonly records: readonly LogRecord[];
}

/** In order of appearance. */
export function groupsOf(records: readonly LogRecord[]): ResourceGroup[] {
  const resources = new Map<Resource, Map<InstrumentationScope, LogRecord[]>>();
  for (const record of records) {
    let scopes = resources.get(record.resource);
    if (!scopes) {
      scopes = new Map();
      resources.set(record.resource, scopes);
    }
    const known = scopes.get(record.instrumentationScope);
    if (known) known.push(record);
    else scopes.set(record.instrumentationScope, [record]);
  }
  return [...resources].map(([resource, scopes]) => ({
    resource: resource as RecordResource,
    scopes: [...scopes].map(([scope, own]) => ({ scope: scope as MutableScope, records: own })),
  }));
}

/** Results that are remembered for each resource or scope as it came in. */
const REMEMBERED = 8;

/**
 * Gives a batch resources and scopes of its own where statements write to them, and afterwards replaces equal results by one
 * object, over batches too: records of one integration keep sharing their resource.
 */
export class Owners {
  readonly #resources = new WeakMap<Resource, RecordResource[]>();
  readonly #scopes = new WeakMap<InstrumentationScope, MutableScope[]>();
  readonly #writes: ReadonlySet<'resource' | 'scope'>;

  constructor(writes: ReadonlySet<'resource' | 'scope'>) {
    this.#writes = writes;
  }

  /** Runs the work on the groups, and leaves the results on the records. */
  lend(records: readonly LogRecord[], work: (groups: readonly ResourceGroup[]) => void): void {
    const groups = groupsOf(records);
    if (this.#writes.size === 0) {
      work(groups);
      return;
    }
    const own = groups.map(({ resource, scopes }) => ({
      resource: this.#writes.has('resource') ? mutableResource(resource) : resource,
      scopes: scopes.map(({ scope, records: under }) => ({
        scope: this.#writes.has('scope') ? mutableScope(scope) : scope,
        records: under,
      })),
    }));
    work(own);
    for (const [index, { resource, scopes }] of own.entries()) {
      const before = groups[index] as ResourceGroup;
      const result = settled(this.#resources, before.resource, resource, sameResource);
      for (const [at, { scope, records: under }] of scopes.entries()) {
        const was = (before.scopes[at] as ScopeGroup).scope;
        const scoped = settled(this.#scopes, was, scope, sameScope);
        for (const record of under) {
          record.resource = result;
          record.instrumentationScope = scoped;
        }
      }
    }
  }
}

/** The original where nothing changed, an equal result of before, or the new one. */
function settled<T extends object>(known: WeakMap<T, T[]>, before: T, after: T, same: (a: T, b: T) => boolean): T {
  if (after === before || same(before, after)) return before;
  const results = known.get(before) ?? [];
  const equal = results.find((result) => same(result, after));
  if (equal) return equal;
  known.set(before, [after, ...results].slice(0, REMEMBERED));
  return after;
}

interface Attributed {
  readonly attributes?: object;
  readonly droppedAttributesCount?: number;
  readonly schemaUrl?: string;
}

function sameOwner(a: Attributed, b: Attributed): boolean {
  return (
    (a.droppedAttributesCount ?? 0) === (b.droppedAttributesCount ?? 0) &&
    (a.schemaUrl ?? '') === (b.schemaUrl ?? '') &&
    isEqual((a.attributes ?? {}) as ValueMap, (b.attributes ?? {}) as ValueMap)
  );
}

function sameResource(a: RecordResource, b: RecordResource): boolean {
  return sameOwner(a as Attributed, b as Attributed);
}

function sameScope(a: MutableScope, b: MutableScope): boolean {
  return a.name === b.name && (a.version ?? '') === (b.version ?? '') && sameOwner(a, b);
}
