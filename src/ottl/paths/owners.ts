/** The paths of resources and scopes. What is written here was made the batch's own before: see batch.ts. */
import { droppedCount } from '../../record/resource.ts';
import type { ValueMap } from '../../record/value.ts';
import type { MutableScope, TransformContext } from '../context.ts';
import { INT, mapPlace, type Place, STRING, scalar, uint32 } from './place.ts';

export const RESOURCE_PLACES: Readonly<Record<string, Place>> = {
  attributes: mapPlace("The resource's attributes.", ({ resource }) => resource.attributes as ValueMap),
  dropped_attributes_count: scalar(
    'How many attributes were dropped.',
    INT,
    ({ resource }) => droppedCount(resource),
    ({ resource }, value) => {
      resource.droppedAttributesCount = uint32(value);
    },
  ),
  schema_url: scalar(
    'Schema URL of the resource.',
    STRING,
    ({ resource }) => resource.schemaUrl ?? '',
    ({ resource }, value) => {
      resource.schemaUrl = value;
    },
  ),
};

function scopeOf(context: TransformContext): MutableScope {
  if (!context.scope) throw new Error('BUG: a path of the scope in a context without one');
  return context.scope;
}

/** What is read of a scope without attributes. */
const NO_ATTRIBUTES: ValueMap = Object.freeze({});

export const SCOPE_PLACES: Readonly<Record<string, Place>> = {
  name: scalar(
    'Name of the scope.',
    STRING,
    (context) => scopeOf(context).name,
    (context, value) => {
      scopeOf(context).name = value;
    },
  ),
  version: scalar(
    'Version of the scope.',
    STRING,
    (context) => scopeOf(context).version ?? '',
    (context, value) => {
      scopeOf(context).version = value;
    },
  ),
  attributes: mapPlace("The scope's attributes.", (context) => scopeOf(context).attributes ?? NO_ATTRIBUTES),
  dropped_attributes_count: scalar(
    'How many attributes were dropped.',
    INT,
    (context) => droppedCount(scopeOf(context)),
    (context, value) => {
      scopeOf(context).droppedAttributesCount = uint32(value);
    },
  ),
  schema_url: scalar(
    'Schema URL of the scope.',
    STRING,
    (context) => scopeOf(context).schemaUrl ?? '',
    (context, value) => {
      scopeOf(context).schemaUrl = value;
    },
  ),
};

export const CACHE_PLACE: Place = mapPlace(
  'A scratch map, empty at the start of each group for each record.',
  ({ cache }) => cache,
);
