/**
 * Questions to a zod schema about a place in what it takes as input: which kinds of value may stand there, which keys,
 * and whether it is a secret. Loading, masking, suggestions and the documentation ask here, so that the schema stays the
 * only description of a block.
 */
import { z } from 'zod';

/** The schemas that a value at one place may satisfy: several for a union. None where nothing is known. */
export interface View {
  readonly alternatives: readonly z.core.$ZodTypes[];
  /** The field, or the map or list that it is in, is marked `format: 'secret'`. */
  readonly secret: boolean;
  /** The mark is on the field itself. */
  readonly ownSecret: boolean;
  /** Another mark on the field: `duration`, `bytes`. */
  readonly format?: string;
  /** What `.describe()` says of the field. */
  readonly description?: string;
  /** What the field is where the key is not written: it must be, it is nothing, or it has a default. */
  readonly unwritten: 'required' | 'nothing' | 'default';
  /** That default, as it would be written or as it is parsed. */
  readonly defaultValue?: unknown;
  /** What an empty reference (`${env:EMPTY}`) means for a block, where that is not an empty block: a mark of the schema. */
  readonly whenEmpty?: Readonly<Record<string, unknown>>;
}

export type Kind = 'text' | 'number' | 'boolean' | 'null' | 'map' | 'list';

export const NOTHING_KNOWN: View = { alternatives: [], secret: false, ownSecret: false, unwritten: 'nothing' };

export function view(schema: z.core.$ZodType): View {
  return join([schema], false);
}

/** What stands under a key of a map, or at any index of a list. */
export function child(parent: View, key: string | number): View {
  const isIndex = typeof key === 'number';
  const schemas = parent.alternatives.flatMap((schema): z.core.$ZodType[] => {
    const { def } = schema._zod;
    // Of a map or a list, the one that the key is for.
    if (isIndex !== (def.type === 'array' || def.type === 'tuple')) return [];
    if (def.type === 'object') {
      const field = Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall;
      // A strict object says `never` of the keys that it does not know.
      return field && (field as z.core.$ZodTypes)._zod.def.type !== 'never' ? [field] : [];
    }
    if (def.type === 'record') return [def.valueType];
    if (def.type === 'array') return [def.element];
    if (def.type === 'tuple')
      return [def.items[Number(key)] ?? def.rest].filter((item) => item !== null && item !== undefined);
    return [];
  });
  return join(schemas, parent.secret);
}

/** The keys that a map at this place has by name. */
export function keys(at: View): string[] {
  return at.alternatives.flatMap((schema) =>
    schema._zod.def.type === 'object' ? Object.keys(schema._zod.def.shape) : [],
  );
}

/** Whether a value of this kind may stand here: says nothing of its content. */
export function accepts(at: View, kind: Kind): boolean {
  return at.alternatives.some((schema) => kindsOf(schema).includes(kind));
}

/** A list of texts, which may be written as one text with commas. Ids may not, nor what may be maps instead of texts. */
export function isTextList(at: View): boolean {
  const isWhole = at.format === 'ids' || at.format === 'statements';
  return accepts(at, 'list') && !accepts(at, 'text') && !isWhole && accepts(child(at, 0), 'text');
}

/** Numbers here have no fractions. */
export function wantsWhole(at: View): boolean {
  const numbers = at.alternatives.filter((schema) => kindsOf(schema).includes('number'));
  return numbers.length > 0 && numbers.every(isWhole);
}

/** Anything may stand here: no kind is wanted more than another. */
export function isOpen(at: View): boolean {
  return at.alternatives.some((schema) => kindsOf(schema) === ALL);
}

/**
 * Where in a schema a key is known, nearest first: `['integrations', '[]']` for a field of the items of that list. At
 * most a handful.
 */
export function placesOf(root: View, key: string): string[][] {
  const found: string[][] = [];
  const level: { at: View; path: string[] }[] = [{ at: root, path: [] }];
  let visited = 0;
  for (let next = level.shift(); next && found.length < 5 && visited < 2000; next = level.shift()) {
    const { at, path } = next;
    visited++;
    if (path.length > 6) continue;
    const names = keys(at);
    if (names.includes(key)) found.push(path);
    for (const name of names) level.push({ at: child(at, name), path: [...path, name] });
    if (accepts(at, 'list')) level.push({ at: child(at, 0), path: [...path, '[]'] });
    if (at.alternatives.some(({ _zod }) => _zod.def.type === 'record')) {
      level.push({ at: child(at, ''), path: [...path, '*'] });
    }
  }
  return found;
}

function join(schemas: readonly z.core.$ZodType[], inherited: boolean): View {
  const alternatives: z.core.$ZodTypes[] = [];
  let own = false;
  let format: string | undefined;
  let description: string | undefined;
  let unwritten: View['unwritten'] = 'required';
  let whenEmpty: View['whenEmpty'];
  let defaultValue: unknown;
  const unwrap = (schema: z.core.$ZodType) => {
    const meta = z.globalRegistry.get(schema);
    description ??= meta?.description;
    whenEmpty ??= meta?.whenEmpty as View['whenEmpty'];
    const { def } = (schema as z.core.$ZodTypes)._zod;
    if (def.type === 'default' || def.type === 'prefault') {
      if (unwritten !== 'default') ({ defaultValue } = def);
      unwritten = 'default';
    } else if (def.type === 'optional' && unwritten === 'required') unwritten = 'nothing';
    const mark = meta?.format;
    if (mark === 'secret') own = true;
    else if (typeof mark === 'string') format ??= mark;
    const inner = layersBelow(schema);
    if (inner) inner.forEach(unwrap);
    else alternatives.push(schema as z.core.$ZodTypes);
    if ((schema as z.core.$ZodTypes)._zod.def.type === 'nullable') alternatives.push(z.null());
  };
  schemas.forEach(unwrap);
  const marks = { format, description, unwritten, defaultValue, ...(whenEmpty && { whenEmpty }) };
  return { alternatives, secret: inherited || own, ownSecret: own, ...marks };
}

/** What a schema that only wraps others wraps, as far as its input is concerned; undefined when it is no wrapper. */
export function layersBelow(schema: z.core.$ZodType): readonly z.core.$ZodType[] | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
    case 'success':
      return [def.innerType];
    case 'pipe':
      // z.preprocess: what comes in is anything, what is meant is what goes out.
      return [(def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in];
    case 'lazy':
      return [def.getter()];
    case 'union':
      return def.options;
    case 'intersection':
      return [def.left, def.right];
    default:
      return undefined;
  }
}

/** A number that takes no fractions. */
export function isWhole(schema: z.core.$ZodType): boolean {
  return 'isInt' in schema && schema.isInt === true;
}

const ALL: readonly Kind[] = ['text', 'number', 'boolean', 'null', 'map', 'list'];

function kindsOf(schema: z.core.$ZodTypes): readonly Kind[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return ['text'];
    case 'number':
    case 'bigint':
      return ['number'];
    case 'boolean':
      return ['boolean'];
    case 'null':
      return ['null'];
    case 'enum':
      return Object.values(def.entries).map(kindOfValue);
    case 'literal':
      return def.values.map(kindOfValue);
    case 'object':
    case 'record':
    case 'map':
      return ['map'];
    case 'array':
    case 'tuple':
    case 'set':
      return ['list'];
    case 'any':
    case 'unknown':
    case 'custom':
    case 'transform':
      return ALL;
    default:
      return [];
  }
}

export function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'map';
}
