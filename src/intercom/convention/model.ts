/** The vocabulary of the attribute convention: what one line of the tables in this folder says. */

/**
 * - `id`: a string, from a string or an integer. Absent for "nobody" (0, "0", "" and null).
 * - `enum`: a short word of Intercom's, as it came.
 * - `id[]`, `enum[]`: lists of those, without the absent ones, at most `MAX_LIST` long.
 * - `int`, `double`, `boolean`: as OTLP has them.
 *
 * An id or enum that looks like an e-mail address or a telephone number, or is longer than `MAX_TEXT` characters, is left
 * out: the body still has it.
 */
export type AttributeType = 'id' | 'id[]' | 'enum' | 'enum[]' | 'int' | 'double' | 'boolean';

export const MAX_TEXT = 256;
export const MAX_LIST = 64;

/**
 * - `none`: about things, or an enumeration.
 * - `pseudonymous`: stands for a person; who holds the other half of the data can tell whom.
 * - `location`: the country or continent of a person.
 */
export type Pii = 'none' | 'pseudonymous' | 'location';

export type Stability = 'development' | 'beta';

/** What an attribute is about. `notification` is the envelope, `item` its `data.item`, whatever it is. */
export const entities = [
  'notification',
  'item',
  'conversation',
  'part',
  'ticket',
  'contact',
  'company',
  'tag',
  'subscription',
  'admin',
  'activity_log',
  'event',
  'content_stat',
  'call',
  'article',
  'api_request',
  'data_connector',
  'job',
  'hitl_notification',
  'audience_membership',
  'content_import_source',
] as const;
export type Entity = (typeof entities)[number];

/** Kinds of item that are read alike. `unknown` is every other one. */
export const shapes = [
  'conversation',
  'ticket',
  'contact',
  'company',
  'tag',
  'subscription',
  'admin',
  'admin_activity_log_event',
  'event',
  'content_stat',
  'call',
  'article',
  'api.request.completed',
  'data_connector.execution',
  'job',
  'procedure.hitl_notification',
  'audience_membership',
  'content_import_source',
  'unknown',
] as const;
export type Shape = (typeof shapes)[number];

/**
 * A place in a value: keys joined by dots, `[0]` and `[-1]` for the first and last element of a list, `[]` for all of
 * them (in list types only), '' for the value itself. The first path that leads to a usable value counts.
 */
export type Path = string;

export interface AttributeConvention {
  readonly name: string;
  readonly type: AttributeType;
  readonly stability: Stability;
  readonly pii: Pii;
  /** One phrase, for the docs. */
  readonly description: string;
  readonly entity: Entity;
  /** Within the entity. */
  readonly from: readonly Path[];
  /** Within the item, for shapes that only refer to the entity; looked at after `from`. */
  readonly also?: Readonly<Partial<Record<Shape, readonly Path[]>>>;
  /** Values that say nothing and are left out. */
  readonly except?: readonly string[];
}

export interface ShapeConvention {
  readonly shape: Shape;
  /** Values of `data.item.type` that mean this shape; one that ends in `*` is a prefix. */
  readonly itemTypes: readonly string[];
  /** Beginnings of topics whose item has no type, or one that is not known: `company` covers `company.contact.attached`. */
  readonly topics: readonly string[];
  /** Where the entities are, within the item; the first path that leads to an object counts. */
  readonly entities: Readonly<Partial<Record<Entity, readonly Path[]>>>;
}

/** One line of a table: the columns that usually differ. */
export type Line = readonly [field: string, type: AttributeType, from: readonly Path[], description: string, pii?: Pii];

/** Attributes `intercom.<entity>.<field>` that one entity has, all in development. */
export function attributesOf(entity: Entity, lines: readonly Line[]): AttributeConvention[] {
  return lines.map(([field, type, from, description, pii = 'none']) => ({
    name: `intercom.${entity}.${field}`,
    type,
    stability: 'development',
    pii,
    description,
    entity,
    from,
  }));
}
