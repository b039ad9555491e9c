/** Evaluates the convention. Paths are compiled once; what a path meets is never trusted to have a type. */
import type { Value } from '../record/value.ts';
import { AttributeMap } from './attribute-map.ts';
import type { AttributeConvention, Entity, ShapeConvention } from './convention/model.ts';
import { type CompiledPath, compilePath, follow, get, isObject } from './convention/paths.ts';
import { shapeConventions } from './convention/shapes.ts';
import { type Converter, converters, without } from './convention/values.ts';
import { attributeConventions, isPlausibleTopic } from './convention.ts';

/** The attributes of one notification, given as parsed: any JSON value at all. Never throws. */
export function attributesOf(notification: Value): Record<string, Value> {
  const topic = get(notification, 'topic');
  const item = get(get(notification, 'data'), 'item');
  const shape = lookUp(byType, get(item, 'type'), '.*') ?? lookUp(byTopic, topic, '');
  const found = new AttributeMap();
  evaluate(envelope, notification, notification, found);
  for (const plan of shape?.plans ?? unknown.plans) evaluate(plan, locate(item, plan.roots), item, found);
  const attributes = found.toObject();
  if (!isPlausibleTopic(topic)) delete attributes['intercom.topic'];
  else if (isObject(item)) attributes['intercom.item.type'] ??= topic.split('.')[0];
  return attributes;
}

/** What is to be read of one entity, in items of one shape. */
interface EntityPlan {
  readonly roots: readonly CompiledPath[];
  readonly attributes: readonly AttributePlan[];
}

interface AttributePlan {
  readonly name: string;
  readonly ordinal: number;
  readonly read: Reader;
}

type Reader = (entity: Value, item: Value) => Value;

interface CompiledShape extends ShapeConvention {
  readonly plans: readonly EntityPlan[];
}

const envelope: EntityPlan = { roots: [], attributes: readersOf('notification') };
const compiledShapes: readonly CompiledShape[] = shapeConventions.map((shape) => ({ ...shape, plans: plansOf(shape) }));
const byType = new Map(compiledShapes.flatMap((shape) => shape.itemTypes.map((type) => [type, shape] as const)));
const byTopic = new Map(compiledShapes.flatMap((shape) => shape.topics.map((topic) => [topic, shape] as const)));
const unknown = compiledShapes.find(({ shape }) => shape === 'unknown') as CompiledShape;

function plansOf(shape: ShapeConvention): EntityPlan[] {
  const entities = new Set(attributeConventions.map(({ entity }) => entity));
  entities.delete('notification');
  return [...entities]
    .map((entity) => ({
      roots: (entity === 'item' ? [''] : (shape.entities[entity] ?? [])).map(compilePath),
      attributes: readersOf(entity, shape),
    }))
    .filter(({ attributes }) => attributes.length > 0);
}

/** Readers of the attributes that an entity can have in items of a shape; without a shape, in every notification. */
function readersOf(entity: Entity, shape?: ShapeConvention): EntityPlan['attributes'] {
  const present = shape === undefined || entity === 'item' || shape.entities[entity] !== undefined;
  return attributeConventions
    .filter((attribute) => attribute.entity === entity)
    .filter(({ also }) => present || (shape && also?.[shape.shape] !== undefined))
    .map((attribute) => ({
      name: attribute.name,
      ordinal: attributeConventions.indexOf(attribute),
      read: reader(attribute, shape),
    }));
}

function reader({ from, also, type, except }: AttributeConvention, shape?: ShapeConvention): Reader {
  const convert = except ? without(except, converters[type]) : converters[type];
  const inEntity = from.map(compilePath);
  const inItem = (shape && also?.[shape.shape]?.map(compilePath)) ?? [];
  return (entity, item) => first(entity, inEntity, convert) ?? first(item, inItem, convert);
}

function first(value: Value, paths: readonly CompiledPath[], convert: Converter): Value {
  if (value === undefined) return undefined;
  for (let i = 0; i < paths.length; i++) {
    const here = follow(value, paths[i] as CompiledPath);
    const found = here === undefined ? undefined : convert(here);
    if (found !== undefined) return found;
  }
  return undefined;
}

function evaluate(plan: EntityPlan, entity: Value, item: Value, found: AttributeMap): void {
  for (let i = 0; i < plan.attributes.length; i++) {
    const { name, ordinal, read } = plan.attributes[i] as AttributePlan;
    const value = read(entity, item);
    if (value !== undefined) found.set(ordinal, name, value);
  }
}

function locate(item: Value, roots: readonly CompiledPath[]): Value {
  for (const path of roots) {
    const found = follow(item, path);
    if (isObject(found)) return found;
  }
  return undefined;
}

/** By the name, else by the longest beginning of it (whole words) that the table has, written with `suffix`. */
function lookUp<T>(table: ReadonlyMap<string, T>, name: Value, suffix: string): T | undefined {
  if (!isPlausibleTopic(name)) return undefined;
  const exact = table.get(name);
  if (exact) return exact;
  for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
    const found = table.get(name.slice(0, end) + suffix);
    if (found) return found;
  }
  return undefined;
}
